"""DefeatRoaches: nine Marines against four Roaches, again and again.

Source: MapScript.galaxy of the official map (google-deepmind/pysc2 mini-games).
"""

from minisc2.maps import skirmish


class DefeatRoaches(skirmish.Skirmish):
    """Ten points for a Roach; a beaten wave brings five Marines."""

    name = "DefeatRoaches"
    map_path = "mini_games/DefeatRoaches.SC2Map"
    wave = (("Roach", 0.5), ("Roach", 1.5), ("Roach", -0.5), ("Roach", -1.5))
    points_per_enemy = 10
    num_marines_per_wave = 5
