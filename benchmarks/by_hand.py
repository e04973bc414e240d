"""The arithmetic of ``rcees-2017`` (lakes one by one, evaporation of all wetland, else default switches) as an analyst would write it in numpy for one table of counties.

Written from the standard's clauses, without ``gep``: no units, no sources, no names, no reasons for what is missing.
``account_of_tables`` takes tables with gaps, as they are read, and checks what comes out; ``account`` is the bare
arithmetic on what is filled. The inputs are those of ``rcees_inputs.Inputs``; results are amounts of cells (region x
ecosystem type, only the types that a step is about) or regions. Every input of ``account`` may have an axis of draws
ahead; a coefficient then has one of length 1 for the region.
"""

from collections.abc import Mapping

import numpy as np

Numbers = Mapping[str, np.ndarray]
M3_PER_M2_MM, M2_PER_HECTARE, YUAN = 1e-3, 1e4, 1e4  # YUAN: values are in 10^4 CNY
COVER_BOUNDS = (0.1, 0.3, 0.5, 0.7, 0.9)
CO2_PER_CARBON, O2_PER_CARBON = 44 / 12, 32 / 12


def account_of_tables(
    area: np.ndarray, data: Numbers, coef: Numbers, columns: Mapping[str, slice | list[int]]
) -> dict[str, np.ndarray]:
    """All quantities and values of tables that are NaN where a region lacks a type: 0 there, and finite everywhere."""
    full = {
        name: filled(numbers) if numbers.shape == area.shape else numbers
        for name, numbers in data.items()
    }
    found = account(filled(area), full, coef, columns)
    for name, numbers in found.items():
        if not np.isfinite(numbers).all():
            wrong = np.flatnonzero(~np.isfinite(numbers.reshape(len(area), -1)).all(axis=1))
            raise ValueError(f"{name} is not finite in regions {wrong[:12].tolist()}")
    return found


def filled(numbers: np.ndarray) -> np.ndarray:
    """Numbers with 0 for NaN."""
    return np.nan_to_num(numbers, posinf=np.inf, neginf=-np.inf)


def account(
    area: np.ndarray, data: Numbers, coef: Numbers, columns: Mapping[str, slice | list[int]]
) -> dict[str, np.ndarray]:
    """All quantities and values; ``area`` is in m2, ``columns`` says where the ecosystem types of a step stand."""
    found: dict[str, np.ndarray] = {}
    products(data, coef, found)
    water_and_soil(area, data, coef, found)
    sand(area, data, coef, columns, found)
    floods(area, data, coef, columns, found)
    pollutants(data, coef, found)
    carbon(area, data, coef, found)
    climate(area, data, coef, columns, found)
    pests_and_visits(data, coef, columns, found)
    return found


def wide(number: np.ndarray) -> np.ndarray:
    """A number of the region for each of its cells."""
    return np.asarray(number)[..., None]


def across(numbers: np.ndarray) -> np.ndarray:
    """Numbers by substance for each cell."""
    return numbers[..., None, :]


def of_class(table: np.ndarray, share: np.ndarray) -> np.ndarray:
    """The row of ``table`` (class of cover x ecosystem type) that each cell's cover falls in."""
    found = table[..., :1, :]
    for row, bound in enumerate(COVER_BOUNDS, 1):
        found = np.where(share >= bound, table[..., row : row + 1, :], found)
    return found


def products(data: Numbers, coef: Numbers, found: dict[str, np.ndarray]) -> None:
    """Output values, water used, hydropower."""
    for position, name in enumerate(("farming", "forestry", "husbandry", "fishery")):
        found[f"{name}.value"] = data["net_output_value"][..., position] / YUAN
    found["water_supply.used"] = data["water_use"]
    found["water_supply.value"] = data["water_use"] * coef["water_price"] / YUAN
    found["hydropower.generated"] = data["hydropower_generation"]
    found["hydropower.value"] = data["hydropower_generation"] * coef["electricity_price"] / YUAN


def water_and_soil(
    area: np.ndarray, data: Numbers, coef: Numbers, found: dict[str, np.ndarray]
) -> None:
    """Water retained, soil retained and what it keeps from silting and polluting."""
    rain = data["rainfall"][..., None]
    retained = (
        (rain - rain * coef["runoff_coefficient"] - data["evapotranspiration"])
        * area
        * M3_PER_M2_MM
    )
    found["water_retention.retained"] = retained
    found["water_retention.value"] = retained * wide(coef["reservoir_construction_cost"]) / YUAN
    share = data["vegetation_cover"] / 100
    by_class = of_class(coef["cover_factor"], share)
    cover = np.clip(
        by_class + coef["cover_factor_log_slope"] * np.log10(np.maximum(share, 1e-6)), 0, 1
    )
    slope = data["slope_length_factor"] * data["slope_steepness_factor"]
    rate = data["rainfall_erosivity"][..., None] * data["soil_erodibility"] * slope * (1 - cover)
    soil = rate * area / M2_PER_HECTARE
    found["soil_retention.retained"] = soil
    silt = wide(coef["silt_share"]) * soil / wide(coef["soil_bulk_density"])
    found["soil_retention.silt"] = silt
    found["soil_retention.silt_value"] = silt * wide(coef["dredging_cost"]) / YUAN
    kept = soil[..., None] * across(coef["soil_nutrient_content"])
    found["soil_retention.pollution"] = kept
    found["soil_retention.pollution_value"] = kept * across(coef["nutrient_treatment_cost"]) / YUAN


def sand(
    area: np.ndarray,
    data: Numbers,
    coef: Numbers,
    columns: Mapping[str, slice | list[int]],
    found: dict[str, np.ndarray],
) -> None:
    """Sand kept by cover (RWEQ) and the land that it would bury."""
    some = columns["sand_fixation"]
    cover = np.exp(-coef["wind_cover_coefficient"] * data["vegetation_cover"][..., some])
    bare = (
        data["wind_weather_factor"]
        * data["wind_erodible_fraction"]
        * data["soil_crust_factor"]
        * data["surface_roughness_factor"]
    )[..., None]
    distance = data["wind_erosion_distance"][..., None]

    def loss(drive: np.ndarray) -> np.ndarray:
        length = 150.71 * drive**-0.3711
        return 2 * distance / length**2 * (109.8 * drive) * np.exp(-((distance / length) ** 2))

    fixed = (loss(bare) - loss(bare * cover)) * area[..., some] / 1000
    found["sand_fixation.fixed"] = fixed
    land = fixed / wide(coef["sand_bulk_density"] * coef["sand_depth"])
    found["sand_fixation.sandy_land"] = land
    found["sand_fixation.value"] = land * wide(coef["sand_control_cost"]) / YUAN


def floods(
    area: np.ndarray,
    data: Numbers,
    coef: Numbers,
    columns: Mapping[str, slice | list[int]],
    found: dict[str, np.ndarray],
) -> None:
    """Storage of lakes (one by one), reservoirs and marshes."""
    lakes = (
        wide(np.exp(coef["lake_storage_intercept"]))
        * data["lake_area"] ** wide(coef["lake_storage_exponent"])
        * wide(coef["lake_exchanges"])
        * 1e4
    )
    found["flood_mitigation.lakes"] = lakes.sum(axis=-1)
    found["flood_mitigation.reservoirs"] = (
        coef["reservoir_flood_share"] * data["reservoir_capacity"]
    )
    found["flood_mitigation.marshes"] = area[..., columns["marsh"]] * wide(
        coef["marsh_water_depth"]
    )
    for name in ("lakes", "reservoirs", "marshes"):
        cost = coef["reservoir_construction_cost"]
        stored = found[f"flood_mitigation.{name}"]
        found[f"flood_mitigation.{name}_value"] = (
            stored * (wide(cost) if name == "marshes" else cost) / YUAN
        )


def pollutants(data: Numbers, coef: Numbers, found: dict[str, np.ndarray]) -> None:
    """Emissions taken as purified."""
    for kind in ("air", "water"):
        found[f"{kind}_purification.purified"] = data[f"{kind}_emission"]
        found[f"{kind}_purification.value"] = (
            data[f"{kind}_emission"] * coef[f"{kind}_treatment_cost"] / YUAN
        )


def carbon(area: np.ndarray, data: Numbers, coef: Numbers, found: dict[str, np.ndarray]) -> None:
    """Carbon dioxide fixed and oxygen released."""
    hectares = area / M2_PER_HECTARE
    fixed = (data["net_primary_production"] - data["soil_respiration"]) * CO2_PER_CARBON * hectares
    found["carbon_sequestration.fixed"] = fixed
    found["carbon_sequestration.value"] = fixed * wide(coef["carbon_dioxide_price"]) / YUAN
    oxygen = data["net_primary_production"] * O2_PER_CARBON * hectares
    found["oxygen_release.released"] = oxygen
    found["oxygen_release.value"] = oxygen * wide(coef["oxygen_price"]) / YUAN


def climate(
    area: np.ndarray,
    data: Numbers,
    coef: Numbers,
    columns: Mapping[str, slice | list[int]],
    found: dict[str, np.ndarray],
) -> None:
    """Electricity that plants and open water save."""
    plants = columns["plants"]
    heat = (
        coef["transpiration_heat"]
        * data["cooling_days"][..., None]
        / (3600 * wide(coef["energy_efficiency_ratio"]))
    )
    found["climate_regulation.plants"] = heat * area[..., plants]
    wet = columns["wetland"]
    depth = data["water_evaporation"][..., wet] / 1000
    found["climate_regulation.water"] = (
        depth * wide(1000 * coef["latent_heat"] / 3600 + coef["humidifier_energy"]) * area[..., wet]
    )
    for name in ("plants", "water"):
        found[f"climate_regulation.{name}_value"] = (
            found[f"climate_regulation.{name}"] * wide(coef["electricity_price"]) / YUAN
        )


def pests_and_visits(
    data: Numbers,
    coef: Numbers,
    columns: Mapping[str, slice | list[int]],
    found: dict[str, np.ndarray],
) -> None:
    """Pests that heal by themselves, and recreation by travel cost."""
    healed = data["self_healed_area"][..., columns["pests"]]
    found["pest_control.healed"] = healed
    found["pest_control.value"] = healed * coef["pest_control_cost"] / YUAN
    visits = data["visits"] * coef["nature_visit_share"]
    found["recreation.visits"] = visits
    cost = data["trip_time"] * data["wage"] * coef["time_value_share"] + data["direct_travel_cost"]
    found["recreation.value"] = visits * cost / YUAN
