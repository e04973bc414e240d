"""Options of standards beside their defaults, with what they give, worked out here by hand.

Inputs are the made-up ones of ``support.family``; its first town has 1,500 ha, of which 10 are marsh.
"""

import math
from collections.abc import Mapping

# K of sand 30, silt 40, clay 30 and 1.5 % of carbon: the test point of the ground
TEXTURE_K = 0.016327
SLOPE = math.sin(math.radians(10))


def _above() -> float:
    """Radiation above the atmosphere in 30 days over the equator: ω = π/2, and sin φ and tan φ are 0."""
    turn = 2 * math.pi * 81 / 365
    distance = 1 + 0.033 * math.cos(turn)
    declination = 0.409 * math.sin(turn - 1.39)
    return 30 * 1440 / math.pi * 0.0820 * distance * math.cos(declination)


def _hargreaves() -> float:
    """Millimetres of a month at 30 and 21 degrees."""
    return 0.408 * 0.0023 * _above() * (25.5 + 17.8) * math.sqrt(9)


def _penman() -> float:
    """Millimetres of a month at 30 and 21 degrees, 1 kPa, 2 m/s, 400 MJ, at sea level."""
    warm, cold = (0.6108 * math.exp(17.27 * t / (t + 237.3)) for t in (30, 21))
    mean = 0.6108 * math.exp(17.27 * 25.5 / 262.8)
    slope = 4098 * mean / 262.8**2
    gamma = 0.000665 * 101.3
    clear = 1.35 * min(400 / (0.75 * _above()), 1) - 0.35
    fourth = (303.16**4 + 294.16**4) / 2
    net = 0.77 * 400 - 30 * 4.903e-9 * fourth * (0.34 - 0.14) * clear
    wind = 30 * gamma * 900 / 298.5 * 2 * ((warm + cold) / 2 - 1)
    return (0.408 * slope * (net - 6) + wind) / (slope + gamma * 1.68)


def _casa(potential: float = 100) -> float:
    """Tonnes of carbon per hectare: twelve like months of light use less respiration of microbes."""
    light = 1.16 * 0.5 - 0.0439
    warm = 0.8 + 0.02 * 20 - 0.0005 * 20**2
    heat = 1.1814 / (1 + math.exp(0.2 * (20 - 10 - 20))) / (1 + math.exp(0.3 * (-20 - 10 + 20)))
    production = 400 * light * 0.5 * warm * heat * (0.5 + 0.5 * min(80 / potential, 1)) * 0.5
    respiration = 0.22 * (math.exp(0.0912 * 20) + math.log(0.3145 * 150 + 1)) * 30 * 0.465
    return 12 * (production - respiration) / 100


CASES: Mapping[str, tuple[str, Mapping[str, str], Mapping[tuple[str, str], float]]] = {
    # of 7000 x 0.02 x 2 x 3 t/ha one in eight is lost: B E T = 1/8
    "Chinese equation": (
        "rcees-2017",
        {"soil_practice_factor": "csle"},
        {("soil_retention.retained", ""): 840 * 7 / 8 * 1500},
    ),
    # 12 x 150^2 / 1800 = 150; L is 1 at 22.13 m; at a cover of 80 % the logarithm gives C = 0
    "rain by month, texture, slopes": (
        "rcees-2017",
        {
            "soil_factors": "computed", "rainfall_erosivity": "fournier",
            "erodibility": "from_texture", "cover_factor": "logarithm",
        },
        {
            ("soil_retention.retained", ""): 0.1833 * 150**1.9957 * TEXTURE_K
            * (16.8 * SLOPE - 0.5) * 1500,
        },
    ),
    # 12 x 17.02 x 1.735 x 10^(1.5 lg(150^2 / 1800) - 0.8188); C = 0 by the line at 80 %
    "rain by month as in the grassland study": (
        "rcees-2017",
        {
            "soil_factors": "computed", "rainfall_erosivity": "wischmeier", "cover_factor": "line",
        },
        {
            ("soil_retention.retained", ""): 12 * 17.02 * 1.735
            * 10 ** (1.5 * math.log10(150**2 / 1800) - 0.8188) * 0.02 * (16.8 * SLOPE - 0.5) * 1500,
        },
    ),
    # 20 mm on each day: 153 days of the warm season and 213 of the cold one in a leap year
    "rain by day": (
        "rcees-2017",
        {"soil_factors": "computed", "rainfall_erosivity": "daily", "cover_factor": "line"},
        {
            ("soil_retention.retained", ""): (153 * 0.3937 + 213 * 0.3101) * 20**1.7265
            * 0.02 * (16.8 * SLOPE - 0.5) * 1500,
        },
    ),
    # β = 0.8363 + 18.144 / 28 + 24.455 / 1100; 366 days of 21.586 β^-7.1891 x 20^β
    "rain by day, Zhang": (
        "rcees-2017",
        {"soil_factors": "computed", "rainfall_erosivity": "zhang", "cover_factor": "line"},
        {
            ("soil_retention.retained", ""): 366 * 21.586 * 1.506531818**-7.1891
            * 20**1.506531818 * 0.02 * (16.8 * SLOPE - 0.5) * 1500,
        },
    ),
    # 1,800 mm in the year; L is 1
    "rain of the year": (
        "rcees-2017",
        {"soil_factors": "computed", "rainfall_erosivity": "yearly", "cover_factor": "line"},
        {
            ("soil_retention.retained", ""): 0.0534 * 1800**1.6548 * 0.02
            * (16.8 * SLOPE - 0.5) * 1500,
        },
    ),
    # steepness at 10 degrees of the Chinese equation: 21.9 sin - 0.96
    "steepness in parts at ten degrees": (
        "rcees-2017",
        {
            "soil_factors": "computed", "slope_form": "ten_degrees",
            "soil_practice_factor": "csle",
        },
        {("soil_retention.retained", ""): 7000 * 0.02 * (21.9 * SLOPE - 0.96) * 7 / 8 * 1500},
    ),
    "slopes with P": (
        "rcees-2017",
        {
            "soil_factors": "computed", "slope_form": "by_class", "cover_factor": "line",
            "soil_practice_factor": "with",
        },
        {("soil_retention.retained", ""): 7000 * 0.02 * (16.8 * SLOPE - 0.5) * 1500},
    ),
    "light use": (
        "rcees-2017",
        {"carbon_base": "casa"},
        {("carbon_sequestration.fixed", ""): _casa() * 44 / 12 * 1500},
    ),
    "light use, potential evapotranspiration from weather": (
        "rcees-2017",
        {"carbon_base": "casa", "potential_evapotranspiration": "penman_monteith"},
        {("carbon_sequestration.fixed", ""): _casa(_penman()) * 44 / 12 * 1500},
    ),
    "light use, potential evapotranspiration from temperature": (
        "rcees-2017",
        {"carbon_base": "casa", "potential_evapotranspiration": "temperature"},
        {("carbon_sequestration.fixed", ""): _casa(_hargreaves()) * 44 / 12 * 1500},
    ),
    # 0.8 + 0.2 + 75 % of 0.4
    "rates with fields": (
        "rcees-2017",
        {"carbon_base": "rate_with_fields"},
        {("carbon_sequestration.fixed", ""): 1.3 * 44 / 12 * 1500},
    ),
    "dry matter": (
        "rcees-2017",
        {"carbon_base": "dry_matter"},
        {("carbon_sequestration.fixed", ""): 1.63 * 10 * 1500},
    ),
    # 2.90 - 1.26 of a spell; 0.4 m x 0.5 x (0.9 - 0.4) + 0.3 m on 10 ha
    "floods": (
        "rcees-2017",
        {"flood_lakes": "measured", "flood_marshes": "soil_and_surface"},
        {
            ("flood_mitigation.lakes", ""): 1.64e6,
            ("flood_mitigation.marshes", ""): 0.4 * 1e5,
        },
    ),
    # 5000 - 2000; class II is clean enough for a limit of III
    "net output, clean water": (
        "rcees-2017",
        {"agri_value": "output_less_intermediate", "water_supply_quantity": "clean"},
        {
            ("farming.value", ""): 3000.0,
            ("water_supply.used", "use=farming"): 1e6,
        },
    ),
    # 3.0 + 0.8 - 1.2 - 1.5 - 0.1; x 0.5 CNY
    "water of a wetland": (
        "rcees-2017",
        {"water_supply_quantity": "wetland"},
        {("water_supply.used", ""): 1e6, ("water_supply.value", ""): 50.0},
    ),
    # 2 degrees x 60 d x 1.2 kJ x 10 m / (3600 x 3) kWh/m2 on 1,160 ha
    "difference of temperature": (
        "gbt46869-2025",
        {"local_climate": "temperature_energy"},
        {("climate_regulation.cooling", ""): 1440 / 10800 * 1.16e7},
    ),
    # (46.729 - 6.3655) / 1.137 = 35.5 degrees: as with the temperature of the air
    "temperature of the surface": (
        "gbt46869-2025",
        {"local_climate": "temperature_difference", "summer_temperature": "from_surface"},
        {("climate_regulation.difference_value", ""): 290.0},
    ),
    # 50 CNY x 40 % x 90,000
    "what people would pay": (
        "mee-2020",
        {"species_value": "willingness"},
        {("species_conservation.value", ""): 180.0},
    ),
}  # fmt: skip
