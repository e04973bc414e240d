"""Projects (核算项目): a folder with project.toml, read and checked."""
