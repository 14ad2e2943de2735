"""DefeatZerglingsAndBanelings: nine Marines against six Zerglings and four Banelings.

Source: MapScript.galaxy of the official map (google-deepmind/pysc2 mini-games). A Baneling that
blows itself up counts like one that is shot: the script asks who owned the dead, not who killed.
"""

from minisc2.maps import skirmish


class DefeatZerglingsAndBanelings(skirmish.Skirmish):
    """Five points for each enemy; a beaten wave brings four Marines.

    All ten enemies are made at the same point, and the game pushes them apart.
    """

    name = "DefeatZerglingsAndBanelings"
    map_path = "mini_games/DefeatZerglingsAndBanelings.SC2Map"
    wave = (("Zergling", 0.0),) * 6 + (("Baneling", 0.0),) * 4
    points_per_enemy = 5
    num_marines_per_wave = 4
