"""The program ``napari-celle``, also ``python -m napari_celle``."""


def main() -> None:
    """Run the command line."""
    from napari_celle.cli import app

    app(prog_name="napari-celle")


if __name__ == "__main__":
    main()
