"""Projects (核算项目): a folder with ``project.toml`` and the files that it names.

The package reads a project and checks it as a whole: all of it in ``project``: the model of
``project.toml``, reading, the plans of all years, the files that a project is made of, their
checksums, and protection against overwriting. Binding numbers to steps belongs to ``gep.plan``;
what a command does with a project belongs to ``gep.workflows``.
"""
