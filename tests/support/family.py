"""Accounts under a shipped standard with every input filled in: three towns' worth of made-up numbers.

The form of what a plan lacks is filled from two tables of values, so that a standard that asks for
something new fails here until a value is given.
"""

from collections.abc import Mapping

import pandas as pd

import gep
from gep.account.account import Account

YEAR = 2020
COUNTY, TOWNS = "361130", ("361130001", "361130002")
TOWN = TOWNS[0]
# hectares: by town, then type
AREAS = {
    "evergreen_broadleaf_forest": (1000.0, 2000.0),
    "subtropical_tussock": (100.0, 200.0),
    "dry_field": (300.0, 400.0),
    "lake": (50.0, 20.0),
    "marsh": (10.0, 30.0),
    "settlement": (40.0, 60.0),
}
DATA: Mapping[str, tuple[float, str]] = {
    "gross_output_value": (5000, "10^4 CNY"),
    "net_output_value": (3000, "10^4 CNY"),
    "intermediate_consumption": (2000, "10^4 CNY"),
    "labour_cost": (1000, "10^4 CNY"),
    "fixed_capital_cost": (500, "10^4 CNY"),
    "land_rent": (6000, "CNY ha-1"),
    "land_improvement_cost": (1000, "CNY ha-1"),
    "water_use": (1e6, "m3"),
    "hydropower_generation": (2e6, "kWh"),
    "rainfall": (1800, "mm"),
    "evapotranspiration": (800, "mm"),
    "water_outflow": (9e7, "m3"),
    "water_consumption": (1e7, "m3"),
    "water_inflow": (4e7, "m3"),
    "water_storage_change": (5e6, "m3"),
    "rainfall_erosivity": (7000, "MJ mm ha-1 h-1 a-1"),
    "soil_erodibility": (0.02, "t h MJ-1 mm-1"),
    "slope_length_factor": (2, "1"),
    "slope_steepness_factor": (3, "1"),
    "vegetation_cover": (80, "%"),
    "wind_weather_factor": (5, "kg m-1"),
    "wind_erodible_fraction": (0.4, "1"),
    "soil_crust_factor": (0.5, "1"),
    "surface_roughness_factor": (0.9, "1"),
    "wind_erosion_distance": (50, "m"),
    "reservoir_capacity": (2e6, "m3"),
    "lake_area": (0.2, "km2"),
    "storm_rain": (500, "mm"),
    "air_emission": (20, "t"),
    "water_emission": (30, "t"),
    "net_primary_production": (6, "tC ha-1"),
    "soil_respiration": (4, "tC ha-1"),
    "biomass_carbon_opening": (20000, "tC"),
    "biomass_carbon_closing": (26000, "tC"),
    "inventory_years": (5, "1"),
    "cooling_days": (90, "d"),
    "water_evaporation": (300, "mm"),
    "warmest_temperature": (38, "degC"),
    "summer_temperature": (35.5, "degC"),
    "ion_concentration": (1600, "ion cm-3"),
    "stand_height": (10, "m"),
    "source_noise_level": (70, "dB"),
    "noise_level": (64, "dB"),
    "green_belt_length": (3, "km"),
    "green_belt_width": (20, "m"),
    "self_healed_area": (10, "ha"),
    "shore_length": (12, "km"),
    "protected_species": (8, "species"),
    "habitat_area": (150, "ha"),
    "visits": (100000, "visit"),
    "trip_time": (10, "h visit-1"),
    "wage": (30, "CNY h-1"),
    "direct_travel_cost": (200, "CNY visit-1"),
    "residents": (20000, "person"),
    "leisure_time": (50, "h person-1"),
    "view_house_area": (10000, "m2"),
    "view_room_nights": (4000, "roomnight"),
    "house_price": (8000, "CNY m-2"),
    "outside_value": (120, "10^4 CNY"),
    "traded_value": (400, "10^4 CNY"),
    "surface_runoff": (200, "mm"),
    "surface_temperature": (46.729, "degC"),
    "temperature_difference": (2, "degC"),
    "difference_days": (60, "1"),
    "willingness": (50, "CNY person-1"),
    "payers": (90000, "person"),
    "water_class": (2, "1"),
    "wetland_inflow": (3e6, "m3"),
    "wetland_rain": (8e5, "m3"),
    "wetland_outflow": (1.2e6, "m3"),
    "wetland_evaporation": (1.5e6, "m3"),
    "wetland_storage_change": (1e5, "m3"),
    "monthly_rainfall": (150, "mm"),
    "daily_rain": (20, "mm"),
    "mean_erosive_rain": (28, "mm"),
    "yearly_erosive_rain": (1100, "mm"),
    "biological_factor": (0.5, "1"),
    "engineering_factor": (0.5, "1"),
    "tillage_factor": (0.5, "1"),
    "highest_storage": (2.9e6, "m3"),
    "lowest_storage": (1.26e6, "m3"),
    "marsh_soil_depth": (0.4, "m"),
    "marsh_bulk_density": (0.5, "t m-3"),
    "marsh_saturated_content": (0.9, "1"),
    "marsh_water_content": (0.4, "1"),
    "ndvi_monthly": (0.5, "1"),
    "solar_radiation": (400, "MJ m-2"),
    "monthly_temperature": (20, "degC"),
    "optimum_temperature": (20, "degC"),
    "monthly_evapotranspiration": (80, "mm"),
    "monthly_potential_evapotranspiration": (100, "mm"),
    "latitude": (0, "degree"),
    "elevation": (0, "m"),
    "middle_day_of_month": (81, "1"),
    "days_of_month": (30, "d"),
    "monthly_highest_temperature": (30, "degC"),
    "monthly_lowest_temperature": (21, "degC"),
    "monthly_vapour_pressure": (1, "kPa"),
    "monthly_wind_speed": (2, "m s-1"),
    "monthly_soil_heat": (6, "MJ m-2"),
    "soil_sand": (30, "%"),
    "soil_silt": (40, "%"),
    "soil_clay": (30, "%"),
    "soil_organic_carbon": (1.5, "%"),
    "soil_coarse_sand": (25, "%"),
    "soil_organic_matter": (1.2, "%"),
    "soil_carbonate": (0, "%"),
    "slope_length": (22.13, "m"),
    "slope": (10, "degree"),
    "ndvi": (0.77, "1"),
    "ndvi_soil": (0.05, "1"),
    "ndvi_vegetation": (0.95, "1"),
    "wind_factor": (98, "m3 s-3"),
    "air_density": (1.2, "kg m-3"),
    "soil_wetness_factor": (0.5, "1"),
    "snow_cover_factor": (1, "1"),
    "height_range": (10, "cm"),
    "height_range_distance": (20, "cm"),
    "bare_erosion": (40, "t ha-1"),
    "forest_erosion": (2.5, "t ha-1"),
    "forest_growth": (10, "t ha-1"),
    "dry_matter": (10, "t ha-1"),
    "soil_carbon_rate": (0.5, "tC ha-1"),
    "volume_opening": (80000, "m3"),
    "volume_closing": (90000, "m3"),
    "stand_volume_opening": (80, "m3 ha-1"),
    "stand_volume_closing": (90, "m3 ha-1"),
    "protective_forest_area": (200, "ha"),
    "shannon_index": (2.4, "1"),
    "special_endangered": (3, "1"),
    "special_endemic": (2, "1"),
    "special_old_trees": (0, "1"),
    "forest_recreation_income": (500, "10^4 CNY"),
    "forest_facility_cost": (80, "10^4 CNY"),
    "travel_spending": (300, "10^4 CNY"),
    "travel_time_value": (60, "10^4 CNY"),
    "timber_output": (2000, "m3"),
    "bamboo_output": (10000, "stem"),
    "wild_products_value": (100, "10^4 CNY"),
    "grown_products_value": (200, "10^4 CNY"),
}
COEFFICIENTS: Mapping[str, tuple[float, str]] = {
    "reservoir_depreciation_rate": (2, "%"),
    "reservoir_operation_cost": (0.1, "CNY m-3"),
    "runoff_coefficient": (10, "%"),
    "practice_factor": (0.5, "1"),
    "storm_runoff_coefficient": (20, "%"),
    "wind_cover_coefficient": (0.1, "1"),
    "air_purification_rate": (5, "kg ha-1"),
    "water_purification_rate": (100, "kg ha-1"),
    "water_treatment_cost": (3500, "CNY t-1"),
    "lake_exchanges": (2, "1"),
    "ion_lifetime": (10, "min"),
    "ion_price": (5.8185e-18, "CNY ion-1"),
    "water_price": (2.6, "CNY m-3"),
    "nature_visit_share": (60, "%"),
    "time_value_share": (30, "%"),
    "noise_price": (5000, "CNY dB-1 km-1"),
    "noise_attenuation": (0.2, "dB m-1"),
    "sound_wall_ratio": (0.25, "1"),
    "sound_wall_cost": (400000, "CNY km-1"),
    "shore_protected_share": (25, "%"),
    "sea_wall_cost": (2e6, "CNY km-1"),
    "species_cost": (50000, "CNY species-1"),
    "habitat_cost": (300, "CNY ha-1"),
    "house_premium": (400, "CNY m-2"),
    "house_premium_share": (5, "%"),
    "outside_share": (25, "%"),
    "room_premium": (80, "CNY roomnight-1"),
    "cooling_cost": (1000, "CNY ha-1 degC-1"),
    "gravity": (9.8, "m s-2"),
    "air_heat_capacity": (1.2, "kJ m-3 degC-1"),
    "air_height": (10, "m"),
    "payer_share": (40, "%"),
    "carbon_dioxide_per_dry_matter": (1.63, "tCO2 t-1"),
    "worst_water_class": (3, "1"),
    "raw_water_price": (0.5, "CNY m-3"),
    "fertiliser_carbon_rate": (0.2, "tC ha-1"),
    "straw_carbon_rate": (0.4, "tC ha-1"),
    "straw_share": (75, "%"),
    "light_use_efficiency": (0.5, "gC MJ-1"),
    "cover_factor": (0.1, "1"),
    "runoff_rain_share": (0.6, "1"),
    "runoff_benefit": (0.3, "1"),
    "soil_bulk_density": (1.25, "t m-3"),
    "soil_depth": (0.5, "m"),
    "forestry_income": (282, "CNY ha-1"),
    "soil_nutrient_content": (0.4, "%"),
    "tree_nutrient_content": (0.5, "%"),
    "nutrient_share": (50, "%"),
    "carbon_rate": (0.8, "tC ha-1"),
    "soil_carbon_ratio": (0.5, "1"),
    "wood_density": (0.5, "t m-3"),
    "expansion_factor": (1.4, "1"),
    "root_ratio": (0.25, "1"),
    "carbon_fraction": (0.5, "tC t-1"),
    "undergrowth_ratio": (0.2, "1"),
    "biomass_slope": (0.5, "t m-3"),
    "biomass_intercept": (20, "t ha-1"),
    "heavy_metal_rate": (0.01, "kg ha-1"),
    "noise_cost": (7.66, "CNY dB-1"),
    "protection_value": (1500, "CNY ha-1"),
    "species_value_below_1": (1000, "CNY ha-1"),
    "species_value_1_2": (2000, "CNY ha-1"),
    "species_value_2_3": (4000, "CNY ha-1"),
    "species_value_3_4": (6000, "CNY ha-1"),
    "species_value_4_5": (8000, "CNY ha-1"),
    "species_value_5_6": (9000, "CNY ha-1"),
    "species_value_6_up": (10000, "CNY ha-1"),
    "nature_income_share": (40, "%"),
    "visit_demand_slope": (50, "visit CNY-1"),
    "particle_rate": (2, "kg ha-1"),
    "particle_cost": (5, "CNY kg-1"),
    "timber_price": (800, "CNY m-3"),
    "bamboo_price": (12, "CNY stem-1"),
    "human_share": (25, "%"),
}


def areas() -> pd.DataFrame:
    rows = []
    for name, sizes in AREAS.items():
        for town, size in zip(TOWNS, sizes, strict=True):
            rows.append({"region": town, "year": YEAR, "class": name, "area": size, "unit": "ha"})
    return pd.DataFrame(rows)


def regions() -> pd.DataFrame:
    rows = [(COUNTY, "示例县", "", 42.1, 90000)]
    rows += [(TOWNS[0], "东乡", COUNTY, 15.0, 30000), (TOWNS[1], "西乡", COUNTY, 27.1, 60000)]
    table = pd.DataFrame(rows, columns=["region", "name", "parent", "area", "population"])
    return table.assign(area_unit="km2")


def account_under(standard: str, switches: Mapping[str, str] | None = None) -> Account:
    """Compute an account with everything that the standard asks for, at its defaults or otherwise."""
    given = {"standard": standard, "areas": areas(), "year": YEAR, "regions": regions()}
    plan = gep.make_plan(**given, switches=switches, partial=True)  # type: ignore[arg-type]
    blank = gep.blank_form(plan)
    data = _filled(blank.data, "name", DATA).assign(source="made-up")
    numbers = _filled(blank.coefficient_rows, "coefficient", COEFFICIENTS)
    numbers = numbers.assign(source="made-up", locator="test", grade="expert")
    return gep.compute(
        **given,  # type: ignore[arg-type]
        data=data,
        coefficients=[numbers] if len(numbers) else [],
        switches=switches,
    )


def figure(account: Account, step: str, item: str = "") -> float:
    """The result of a step for the first town."""
    frame = account.frame(region=TOWN)
    indicator, _, name = step.partition(".")
    rows = frame[(frame["indicator"] == indicator) & (frame["step"] == name)]
    (value,) = rows.loc[rows["item"] == item, "value"]
    return float(value)


def _filled(
    form: pd.DataFrame, column: str, values: Mapping[str, tuple[float, str]]
) -> pd.DataFrame:
    """Fill a form; rows of prices are of the year of the account."""
    rows = []
    for row in form.to_dict("records"):
        value, unit = values[row[column]]
        filled = {**row, "value": value, "unit": unit}
        if "CNY" in unit:
            filled["price_year"] = YEAR
        if "water_body" in form and row[column] in (
            "lake_area",
            "highest_storage",
            "lowest_storage",
        ):
            filled["water_body"] = "the lake"
        rows.append(filled)
    return pd.DataFrame(rows, columns=[*form.columns, *({"price_year"} - set(form.columns))])
