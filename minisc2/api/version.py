"""The build of the real game whose interface is followed."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Version:
    """What `ping` answers; the names are those of ResponsePing."""

    game_version: str = "4.10.0.75689"
    data_version: str = "B89B5D6FA7CBF6452E721311BFBC6CB2"
    data_build: int = 75689
    base_build: int = 75689


DEFAULT = Version()
