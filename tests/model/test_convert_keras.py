"""Keras networks written by hand, their predictions computed in plain numpy as their programs would, against ours."""

from pathlib import Path

import h5py
import numpy as np
import pytest
import torch
from toy_keras import ToyKeras, convolve, crop, relu, sequences
from toy_keras_networks import F, affinity, bpnet2, chrombpnet, motif_discovery

from cistill.errors import InputError
from cistill.model.convert.network_files import read_source
from cistill.model.network import Network, NetworkOutput


def predict(network: Network, sequence: np.ndarray, control: np.ndarray | None = None) -> NetworkOutput:
    """Ours for one-hot (batch, length, 4) and control (batch, tasks, 2, length)."""
    with torch.no_grad():
        return network(
            torch.from_numpy(sequence).float().transpose(1, 2),
            None if control is None else torch.from_numpy(control).float(),
        )


def agree(output: NetworkOutput, profile: np.ndarray, log_counts: np.ndarray) -> None:
    """Expect equality to 1e-5 with profile (batch, tasks, strands, length) and log counts (batch, tasks, n)."""
    for ours, theirs in ((output.profile, profile), (output.log_counts, log_counts)):
        assert tuple(ours.shape) == theirs.shape
        np.testing.assert_allclose(ours.numpy(), theirs, rtol=1e-5, atol=1e-5 * max(1, np.abs(theirs).max()))


def controls(tasks: int, length: int) -> np.ndarray:
    return np.random.default_rng(9).poisson(0.7, (3, tasks, 2, length)).astype(np.float64)


# ChromBPNet


def chrombpnet_predictions(keras: ToyKeras, sequence: np.ndarray, prefix: str = "", cut: int = 4, head: str = ""):
    x = relu(convolve(sequence, keras[f"{prefix}bpnet_1st_conv"]))
    for i in (1, 2):
        x = relu(convolve(x, keras[f"{prefix}bpnet_{i}conv"], 2**i)) + crop(x, 2**i)
    profile = crop(convolve(x, keras[f"{prefix}{head}prof_out_precrop"]), cut)
    kernel, bias = keras[f"{prefix}{head}logcount_predictions"]
    return profile.transpose(0, 2, 1)[:, None], (x.mean(1) @ kernel + bias)[:, None]


@pytest.mark.parametrize("prefix", ["", "wo_bias_"])
def test_chrombpnet(tmp_path: Path, prefix: str) -> None:
    head = "bpnet_" if prefix else ""
    keras = chrombpnet(prefix, head=head)
    form, converted = read_source(keras.save(tmp_path / "model.h5"))
    assert form == "chrombpnet"
    network = converted.network()
    assert (network.config.input_length, network.config.output_length, network.config.profile_crop) == (60, 26, 4)
    agree(predict(network, sequences(60)), *chrombpnet_predictions(keras, sequences(60), prefix=prefix, head=head))


def test_either_network_of_a_combined_chrombpnet_file(tmp_path: Path) -> None:
    whole = ToyKeras()
    whole.input("sequence", 60, 4)
    without, bias = chrombpnet("wo_bias_", head="bpnet_"), chrombpnet(cut=4)
    bias.weights["bpnet_1conv"]["kernel"] += 1
    whole.nested = {"model": bias, "model_wo_bias": without}
    path = whole.save(tmp_path / "model.h5")
    with pytest.raises(InputError, match="several models: choose one with --part: model, model_wo_bias"):
        read_source(path)
    x = sequences(60)
    agree(predict(read_source(path, part="model")[1].network(), x), *chrombpnet_predictions(bias, x))
    agree(
        predict(read_source(path, part="model_wo_bias")[1].network(), x),
        *chrombpnet_predictions(without, x, prefix="wo_bias_", head="bpnet_"),
    )


# the motif-discovery system


@pytest.mark.parametrize("tasks", [1, 3])
def test_motif_discovery_with_strands_swapped_and_raw_controls(tmp_path: Path, tasks: int) -> None:
    keras = motif_discovery(tasks)
    form, converted = read_source(keras.save(tmp_path / "model.h5", kind="Model"))
    assert form == "motif_discovery"
    x, control = sequences(60), controls(tasks, 34)  # 60 - 6 - 12 - 8

    hidden = relu(convolve(x, keras["dil_conv_1"], same=True))
    hidden = hidden + relu(convolve(hidden, keras["dil_conv_2"], 2, same=True))
    hidden = crop(relu(convolve(hidden, keras["dil_conv_3"], 4, same=True)), 9)
    wide = convolve(hidden, keras["prof_large_conv"]).reshape(3, 34, tasks, 2)
    theirs = control.transpose(0, 3, 1, 2)[..., ::-1]  # (batch, length, tasks, [-, +])
    joined = np.concatenate([wide, theirs], -1)
    profile = np.stack([convolve(joined[:, :, i], keras[f"prof_one_conv_{i + 1}"]) for i in range(tasks)], 1)
    kernel, bias = keras["count_pair_dense"]
    pair = (hidden.mean(1) @ kernel + bias).reshape(3, tasks, 2)
    with_totals = np.concatenate([pair, theirs.sum(1)], -1)
    dense = [keras[f"count_out_dense_{i + 1}"] for i in range(tasks)]
    counts = np.stack([with_totals[:, i] @ dense[i][0] + dense[i][1] for i in range(tasks)], 1)
    agree(predict(converted.network(), x, control), profile.transpose(0, 1, 3, 2)[:, :, ::-1], counts[..., ::-1])


# basepairmodels and bpnet 2


def bpnet2_predictions(
    keras: ToyKeras, tracks: list[int], x: np.ndarray, control: np.ndarray, strands: int, joint: bool, pre: bool
) -> tuple[np.ndarray, np.ndarray]:
    """As arch.py and generators.py compute them, tracks of the control [+, -] or their sum, ours from (3, T, 2, L)."""
    x = convolve(x, keras["main_conv_0"])
    for i in (1, 2):
        x = convolve(relu(x), keras[f"main_dil_conv_{i}"], 2**i) + crop(x if pre else relu(x), 2**i)
    x = relu(x)
    wide = crop(convolve(x, keras["main_profile_head"]), 3)
    kernel, bias = keras["main_counts_head" if any(tracks) else "logcounts_predictions"]
    head = x.mean(1) @ kernel + bias
    outputs = 1 if joint else strands
    profiles, counts = [], []
    for i, n in enumerate(tracks):
        profile = wide[..., strands * i : strands * (i + 1)]
        count = head[:, outputs * i : outputs * (i + 1)]
        if n:
            number = "" if len(tracks) == 1 else f"_{i}"
            given = control[:, i].transpose(0, 2, 1)
            given = given if n == 2 else given.sum(-1, keepdims=True)
            logs = np.log(given.sum(1) + 1)
            logs = np.log(np.exp(logs).sum(-1, keepdims=True)) if joint else logs
            profile = convolve(np.concatenate([profile, given], -1), keras[f"profile_predictions{number}"])
            kernel, bias = keras[f"logcounts_predictions{number}"]
            count = np.concatenate([count, logs], -1) @ kernel + bias
        profiles.append(profile.transpose(0, 2, 1))
        counts.append(count)
    return np.stack(profiles, 1), np.stack(counts, 1)


@pytest.mark.parametrize(
    ("tracks", "strands", "joint", "pre"),
    [
        ([2], 2, True, True),
        ([2], 2, False, True),
        ([1], 2, True, False),
        ([1], 2, False, True),
        ([0], 2, True, False),
        ([0], 1, True, True),
        ([2, 2], 2, False, True),
        ([2, 0, 2], 2, False, True),
    ],
)
def test_basepairmodels(tmp_path: Path, tracks: list[int], strands: int, joint: bool, pre: bool) -> None:
    keras = bpnet2(tracks, strands, joint, pre)
    form, converted = read_source(keras.save(tmp_path / "model.h5", kind="CustomModel"))
    assert form == "basepairmodels"
    x, control = sequences(66), controls(len(tracks), 34)
    expected = bpnet2_predictions(keras, tracks, x, control, strands, joint, pre)
    agree(predict(converted.network(), x, control), *expected)


# Affinity Distillation


def rev_comp(x: np.ndarray, layer: tuple[np.ndarray, np.ndarray], dilation: int = 1) -> np.ndarray:
    """keras-genomics' layer: `outputs = conv; outputs += bias_add(outputs, b)`, that is 2 conv + b."""
    kernel, bias = layer
    both = np.concatenate([kernel, kernel[::-1, ::-1, ::-1]], -1)
    outputs = convolve(x, (both, np.zeros(1)), dilation)
    return outputs + (outputs + np.concatenate([bias, bias[::-1]]))


@pytest.mark.parametrize("with_controls", [True, False])
def test_affinity_distillation_with_its_doubled_kernels(tmp_path: Path, with_controls: bool) -> None:
    keras = affinity(with_controls)
    form, converted = read_source(keras.save(tmp_path / "model.h5", kind="Model"))
    assert form == "affinity_distillation"
    x, control = sequences(60), controls(1, 34)

    first = relu(rev_comp(x, keras["rev_comp_conv1d_1"]))
    second = relu(rev_comp(first, keras["rev_comp_conv1d_2"], 2))
    third = relu(rev_comp((crop(first, 2) + second) / 2, keras["rev_comp_conv1d_3"], 4))
    hidden = (crop(first, 6) + crop(second, 4) + third) / 3
    pooled, tracks = hidden.mean(1, keepdims=True), rev_comp(hidden, keras["rev_comp_conv1d_5"])
    if with_controls:
        both = control[:, 0].sum(1)
        padded = np.pad(both, ((0, 0), (24, 25)), mode="edge")
        smooth = np.stack([padded[:, i : i + 50].mean(1) for i in range(34)], 1)
        bias = np.stack([both, smooth], -1)
        total = np.log1p(both.sum(1))[:, None, None]
        pooled = np.concatenate([total[..., ::-1], pooled, total], -1)
        tracks = np.concatenate([bias[..., ::-1], tracks, bias], -1)
    counts = rev_comp(pooled, keras["rev_comp_conv1d_4"])
    profile = rev_comp(tracks, keras["task0_profile"])
    agree(
        predict(converted.network(), x, control if with_controls else None), profile.transpose(0, 2, 1)[:, None], counts
    )


# what cannot be read


def refused(path: Path, message: str, form: str = "auto") -> None:
    with pytest.raises(InputError, match=message):
        read_source(path, form)[1].network()


def test_a_layer_that_we_do_not_have_is_named(tmp_path: Path) -> None:
    keras = chrombpnet()
    keras.add("BatchNormalization", "batch_normalization_3", ["add"])
    path = keras.save(tmp_path / "model.h5")
    refused(path, r"layer 'batch_normalization_3' \(BatchNormalization\) is not one that this format has")


def test_padded_and_strided_layers_are_named(tmp_path: Path) -> None:
    path = bpnet2([0], padding="same").save(tmp_path / "model.h5")
    refused(path, "layer 'main_conv_0' has padding 'same' where 'valid' is expected")
    path = bpnet2([0], strides=[2]).save(tmp_path / "model.h5")
    refused(path, "layer 'main_conv_0' has strides 2")


def test_smoothed_controls_are_refused(tmp_path: Path) -> None:
    refused(bpnet2([4], joint=False).save(tmp_path / "model.h5"), r"'profile_bias_input_0' takes \[4\] control tracks")


def test_a_layer_without_its_residual_is_named(tmp_path: Path) -> None:
    keras = chrombpnet()
    next(layer for layer in keras.layers if layer["name"] == "add")["inbound_nodes"] = [[["bpnet_1conv", 0, 0, {}]]]
    refused(keras.save(tmp_path / "model.h5"), "layer 'bpnet_1conv' is not added to its input")


def test_unknown_networks_are_told_by_their_first_layers(tmp_path: Path) -> None:
    keras = ToyKeras()
    keras.conv("conv1d_1", keras.input("seq", 60, 4), 4, F, 25, padding="same", activation="relu")
    path = keras.save(tmp_path / "model.h5")
    refused(path, r"none of the formats chrombpnet, .*its layers begin with seq \(InputLayer\), conv1d_1 \(Conv1D\)")
    refused(path, r"layer 'seq' \(InputLayer\) is not one that this format has", form="chrombpnet")


def test_weights_alone_other_files_and_folders_are_refused(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "weights.h5", "w") as h5:
        h5["bpnet_1st_conv/kernel:0"] = np.zeros(3)
    refused(tmp_path / "weights.h5", "no whole Keras model")
    with h5py.File(tmp_path / "subclassed.h5", "w") as h5:
        h5.attrs["model_config"] = '{"class_name": "Mine", "config": {"filters": 64}}'
        h5.create_group("model_weights")
    refused(tmp_path / "subclassed.h5", "model_config describes no network of layers")
    (tmp_path / "text.h5").write_text("no model")
    refused(tmp_path / "text.h5", "not an HDF5 file", form="chrombpnet")
    (tmp_path / "saved_model").mkdir()
    refused(tmp_path / "saved_model", "a folder")
    refused(tmp_path / "absent.h5", "no such file")


def test_a_file_that_lost_weights_is_refused(tmp_path: Path) -> None:
    keras = chrombpnet()
    del keras.weights["bpnet_2conv"]["bias"]
    refused(keras.save(tmp_path / "model.h5"), "no bias for layer 'bpnet_2conv': the file is incomplete")
    keras = chrombpnet()
    keras.weights["bpnet_2conv"]["bias"][1] = np.nan
    refused(keras.save(tmp_path / "model.h5"), "not finite")
