"""The named configurations, the default one first."""

from app.schemas import Config, Preset

DEFAULT = "textbook"

PRESETS: dict[str, Preset] = {
    preset.id: preset
    for preset in (
        Preset(
            id=DEFAULT,
            about="The textbook's network: three filters, max pooling, three outputs.",
            config=Config.model_validate(
                {
                    "input": {"channels": 1, "height": 6, "width": 6},
                    "layers": [
                        {"type": "conv", "filters": 3, "size": 3},
                        {"type": "pool", "kind": "max", "size": 2, "stride": 2},
                        {"type": "dense", "units": 3},
                    ],
                    "loss": "squared_error",
                    "initial": "normal",
                    "training": {},
                    "dataset": "digits-123-6x6",
                }
            ),
        ),
    )
}
