"""The hub's authenticator, made from any provider."""

from __future__ import annotations

import pytest
from greenroom_hub.authenticator import GreenroomSignIn, LinksOnly, make
from oauthenticator.generic import GenericOAuthenticator
from oauthenticator.github import GitHubOAuthenticator

NAMES = [
    "auth0",
    "azuread",
    "bitbucket",
    "cilogon",
    "generic",
    "github",
    "gitlab",
    "globus",
    "google",
    "openshift",
]


@pytest.mark.parametrize("name", NAMES)
def test_every_provider_of_oauthenticator_has_a_short_name(name: str) -> None:
    made = make(name)
    assert made.__name__ == "GreenroomAuthenticator"
    assert issubclass(made, GreenroomSignIn)


def test_the_provider_keeps_what_it_can() -> None:
    assert issubclass(make("generic"), GenericOAuthenticator)
    assert issubclass(make("oauthenticator.github.GitHubOAuthenticator"), GitHubOAuthenticator)


def test_without_a_provider_there_are_links_only() -> None:
    made = make("")()
    assert isinstance(made, LinksOnly)
    assert made.check_allowed("ada") is False
    assert "one-time link" in made.get_custom_html("/hub/")


@pytest.mark.parametrize("name", ["nowhere", "os.path", "os.path.join"])
def test_what_is_no_provider_is_refused_at_start_up(name: str) -> None:
    with pytest.raises(ValueError, match="oauthenticator: "):
        make(name)
