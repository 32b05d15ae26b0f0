"""The words of the project: every state, seat, signal and kind that is written to the record."""

from enum import StrEnum


class State(StrEnum):
    """Where a session stands in its life."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    LOBBY = "lobby"
    LIVE = "live"
    PAUSED = "paused"
    SUBMITTED = "submitted"
    EXPIRED = "expired"
    TERMINATED = "terminated"
    REVIEW = "review"
    FINAL = "final"
    APPEAL = "appeal"
    CANCELLED = "cancelled"
    NO_SHOW = "no_show"


class Action(StrEnum):
    """What moves a session from one state to the next."""

    SCHEDULE = "schedule"
    ARRIVE = "arrive"
    OPEN = "open"
    PAUSE = "pause"
    RESUME = "resume"
    EXTEND = "extend"
    SUBMIT = "submit"
    EXPIRE = "expire"
    TERMINATE = "terminate"
    CANCEL = "cancel"
    MISS = "miss"
    REVIEW = "review"
    DECIDE = "decide"
    APPEAL = "appeal"


class Seat(StrEnum):
    """What somebody is in one room."""

    CANDIDATE = "candidate"
    INTERVIEWER = "interviewer"
    OBSERVER = "observer"


class Role(StrEnum):
    """What a member of staff is in the organisation."""

    ADMIN = "admin"
    ORGANISER = "organiser"
    INTERVIEWER = "interviewer"
    INVIGILATOR = "invigilator"
    REVIEWER = "reviewer"
    OBSERVER = "observer"


class Signal(StrEnum):
    """A source of observations."""

    FACE = "face"
    GAZE = "gaze"
    CAMERA = "camera"
    FULLSCREEN = "fullscreen"
    VISIBILITY = "visibility"
    FOCUS = "focus"
    CLIPBOARD = "clipboard"
    SCREEN = "screen"
    NETWORK = "network"


class Kind(StrEnum):
    """What an observation saw. Kinds that no signal reports yet are not listed."""

    FACE_ABSENT = "face_absent"
    MULTIPLE_FACES = "multiple_faces"
    GAZE_AWAY = "gaze_away"
    CAMERA_COVERED = "camera_covered"
    CAMERA_FROZEN = "camera_frozen"
    STILL_PICTURE = "still_picture"
    CAMERA_OFF = "camera_off"
    POOR_PICTURE = "poor_picture"
    FULLSCREEN_LEFT = "fullscreen_left"
    TAB_HIDDEN = "tab_hidden"
    FOCUS_LOST = "focus_lost"
    SECOND_SCREEN = "second_screen"
    SECOND_TAB = "second_tab"
    NETWORK_LOST = "network_lost"
    EXTERNAL_PASTE = "external_paste"
    BULK_INSERT = "bulk_insert"
    EXTERNAL_DROP = "external_drop"


class Meter(StrEnum):
    """What measured an observation."""

    FACE_READER = "face_reader"
    PICTURE = "picture"
    BROWSER = "browser"
    EDITOR = "editor"


class Answer(StrEnum):
    """What a candidate says to an incident, in a word; more stands in their note."""

    SOMEONE_CAME_IN = "someone_came_in"
    THINKING = "thinking"
    OWN_NOTES = "own_notes"
    TECHNICAL = "technical"
    ASKED_TO = "asked_to"
    OTHER = "other"


class Presence(StrEnum):
    """Whether the candidate's page gives signs of life."""

    HERE = "here"
    QUIET = "quiet"  # connected, and nothing was heard for a while: asleep, in the background, or the network hangs
    GONE = "gone"  # not connected: closed, or without network


class Excuse(StrEnum):
    """Why an incident counts for nothing."""

    EXPLAINED = "explained"  # an interviewer knows what it was
    RECONNECT = "reconnect"  # it began while the network was gone, or as it came back
    REQUEST = "request"  # an interviewer had asked the candidate to look elsewhere


class Level(StrEnum):
    """How far an incident has come. A verdict is a person's and never here."""

    NOTED = "noted"
    WARNING = "warning"
    FLAG = "flag"


class Bond(StrEnum):
    """What another page is to this one in a call."""

    TALK = "talk"  # both are in the call
    LOOKS = "looks"  # it sees our camera, and sends nothing
    SEEN = "seen"  # we see its camera, and send nothing


class Description(StrEnum):
    """The kinds of a session description, as WebRTC names them."""

    OFFER = "offer"
    ANSWER = "answer"


class Picture(StrEnum):
    """What somebody can be seen by."""

    CAMERA = "camera"
    SCREEN = "screen"
