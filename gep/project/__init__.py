"""Projects (核算项目): a folder with ``project.toml`` and the files that it names.

The package reads a project and checks it as a whole: first ``project`` (the model of
``project.toml``, reading, the plans of all years), then ``files`` (the files a project is made of,
their checksums, protection against overwriting). Binding numbers to steps belongs to ``gep.plan``;
what a command does with a project belongs to ``gep.workflows``.
"""
