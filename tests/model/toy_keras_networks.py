"""Networks of the programs whose Keras files are read, layer by layer as those programs build them."""

from toy_keras import ToyKeras

F = 5


def chrombpnet(prefix: str = "", cut: int = 4, head: str = "") -> ToyKeras:
    keras = ToyKeras()
    x = keras.conv(f"{prefix}bpnet_1st_conv", keras.input("sequence", 60, 4), 4, F, 7, activation="relu")
    for i in (1, 2):
        name = f"{prefix}bpnet_{i}conv"
        new = keras.conv(name, x, F, F, 3, dilation=2**i, activation="relu")
        cropped = keras.add("Cropping1D", f"{prefix}bpnet_{i}crop", [x], cropping=[2**i, 2**i])
        x = keras.add("Add", "add" if i == 1 else "add_1", [new, cropped])
    wide = keras.conv(f"{prefix}{head}prof_out_precrop", x, F, 1, 9)
    before = "logitt_before_flatten" if prefix else "logits_profile_predictions_preflatten"
    cropped = keras.add("Cropping1D", f"{prefix}{head}{before}", [wide], cropping=[cut, cut])
    keras.add("Flatten", f"{prefix}{head}logits_profile_predictions", [cropped])
    keras.add("GlobalAveragePooling1D", "gap", [x])
    keras.dense(f"{prefix}{head}logcount_predictions", "gap", F, 1)
    return keras


def motif_discovery(tasks: int, layers: int = 2) -> ToyKeras:
    keras = ToyKeras(1)
    keras.input("input_seq", 60, 4)
    keras.input("cont_profs", tasks, 34, 2)
    x, channels = "input_seq", 4
    for i in range(layers + 1):
        new = keras.conv(
            f"dil_conv_{i + 1}", x, channels, F, 3 if i else 7, dilation=2**i, activation="relu", padding="same"
        )
        x, channels = (keras.add("Add", f"add_{i}", [new, x]) if 0 < i < layers else new), F
    cut = (6 + 2 * sum(2**i for i in range(1, layers + 1))) // 2
    keras.add("Cropping1D", "dil_conv_crop", [x], cropping=[cut, cut])
    keras.conv("prof_large_conv", "dil_conv_crop", F, 2 * tasks, 9)
    keras.add("GlobalAveragePooling1D", "count_pool", ["dil_conv_crop"])
    keras.dense("count_pair_dense", "count_pool", F, 2 * tasks)
    for i in range(tasks):
        keras.add("Lambda", f"lambda_{i + 1}", ["prof_large_conv"])
        keras.conv(f"prof_one_conv_{i + 1}", f"lambda_{i + 1}", 4, 2, 1)
        keras.dense(f"count_out_dense_{i + 1}", f"lambda_{i + 1}", 4, 2)
    return keras


def bpnet2(
    tracks: list[int], strands: int = 2, joint: bool = True, pre: bool = True, cut: int = 3, **config: object
) -> ToyKeras:
    """One task per entry of `tracks`: how many control tracks it takes."""
    keras, tasks = ToyKeras(2), len(tracks)
    x = keras.conv("main_conv_0", keras.input("sequence", 66, 4), 4, F, 7, **config)
    for i in (1, 2):
        activated = keras.add("ReLU", f"{x}_relu", [x])
        new = keras.conv(f"main_dil_conv_{i}", activated, F, F, 3, dilation=2**i)
        past = x if pre else activated
        cropped = keras.add("Cropping1D", f"{past}_cr", [past], cropping=[2**i, 2**i])
        x = keras.add("Add", f"main_add_{i}", [new, cropped])
    x = keras.add("ReLU", f"{x}_relu", [x])
    keras.conv("main_profile_head", x, F, strands * tasks, 9)
    keras.add("GlobalAveragePooling1D", "main_global_avg_pooling", [x])
    controlled = any(tracks)
    head = "main_profile_head_cropped" if controlled else "profile_predictions"
    keras.add("Cropping1D", head, ["main_profile_head"], cropping=[cut, cut])
    counts = "main_counts_head" if controlled else "logcounts_predictions"
    keras.dense(counts, "main_global_avg_pooling", F, tasks if joint else strands * tasks)
    outputs = 1 if joint else strands
    for i, n in enumerate(tracks):
        if not n:
            continue
        number = "" if tasks == 1 else f"_{i}"
        keras.input(f"profile_bias_input_{i}", 40 - 2 * cut, n)
        keras.input(f"counts_bias_input_{i}", n)
        if tasks > 1:
            keras.add("Lambda", f"main_prof_head_{i}", [head])
            keras.add("Lambda", f"main_counts_head_{i}", [counts])
        keras.add("Concatenate", f"main_concat_with_prof_bias_{i}", [head, f"profile_bias_input_{i}"])
        keras.conv(f"profile_predictions{number}", f"main_concat_with_prof_bias_{i}", strands + n, strands, 1)
        if joint:
            keras.add("Lambda", f"main_logsumexp_counts_bias_{i}", [f"counts_bias_input_{i}"])
        keras.add("Concatenate", f"main_concat_with_counts_bias_{i}", [counts])
        totals = 1 if joint else n
        keras.dense(f"logcounts_predictions{number}", f"main_concat_with_counts_bias_{i}", outputs + totals, outputs)
    if tasks > 1:
        for which in ("profile", "logcounts"):
            sources = [f"{which}_predictions_{i}" if n else f"main_x_head_{i}" for i, n in enumerate(tracks)]
            keras.add("Concatenate", f"{which}_predictions", sources)
        for i, n in enumerate(tracks):
            if not n:
                keras.add("Lambda", f"main_prof_head_{i}", [head])
    return keras


def affinity(with_controls: bool) -> ToyKeras:
    keras = ToyKeras(3)
    rc = {"kind": "RevCompConv1D"}
    first = keras.conv("rev_comp_conv1d_1", keras.input("sequence", 60, 4), 4, F, 7, activation="relu", **rc)
    second = keras.conv("rev_comp_conv1d_2", first, 2 * F, F, 3, dilation=2, activation="relu", **rc)
    average = keras.add("Average", "average_1", [keras.add("Lambda", "lambda_1", [first]), second])
    third = keras.conv("rev_comp_conv1d_3", average, 2 * F, F, 3, dilation=4, activation="relu", **rc)
    cut = [keras.add("Lambda", f"lambda_{i}", [source]) for i, source in ((2, "lambda_1"), (3, second))]
    hidden = keras.add("Average", "average_2", [*cut, third])
    keras.add("GlobalAveragePooling1D", "global_average_pooling1d_1", [hidden])
    extra = 2 if with_controls else 0
    if with_controls:
        keras.input("control_logcount", 1)
        keras.input("control_profile", 34, 2)
        keras.add("Concatenate", "concatenate_1", ["control_logcount"])
    keras.add("Reshape", "reshape_1", ["global_average_pooling1d_1"])
    keras.conv("rev_comp_conv1d_4", "reshape_1", 2 * F + extra, 1, 1, **rc)
    keras.add("Reshape", "task0_logcount", ["rev_comp_conv1d_4"])
    keras.conv("rev_comp_conv1d_5", hidden, 2 * F, 1, 9, **rc)
    keras.conv("task0_profile", "rev_comp_conv1d_5", 6 if with_controls else 2, 1, 1, **rc)
    return keras
