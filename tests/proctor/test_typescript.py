"""The browser's types are those of the messages."""

from pathlib import Path

from greenroom_proctor import typescript


def test_the_browsers_types_are_written_from_the_messages() -> None:
    for module, where in typescript.WHERE.items():
        written = Path(__file__).resolve().parents[2] / where
        assert written.read_text() == typescript.render(module), "run python -m greenroom_proctor.typescript"


def test_a_tagged_message_says_its_tag_and_an_optional_field_its_mark() -> None:
    text = typescript.render()
    assert "export interface Refused {\n  type: 'refused';\n  why: string;\n  n?: number | null;\n}" in text
