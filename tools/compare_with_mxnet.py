#!/usr/bin/env python3
"""Compares the demo with MXNet 1.9.1: the saved model's predictions, and training from the same start.

usage: compare_with_mxnet.py [--demo build/release/examples/treadle_demo] [--epochs 20]
Runs the demo in a scratch folder, so it needs a Python that has mxnet, not Treadle. Prints
 (a) the largest difference of the probabilities on the held-out images, and
 (b) the training loss of every batch of the first epoch, from the same weights and batches.
"""

import argparse
import os
import pathlib
import re
import subprocess
import tempfile

os.environ.setdefault("MXNET_SUBGRAPH_BACKEND", "NONE")  # plain operators, no fused ones
import mxnet as mx  # noqa: E402
import numpy as np  # noqa: E402


def run_demo(demo, *options):
    """Output of the demo; ends the program where it fails."""
    return subprocess.run([demo, *map(str, options)], check=True, capture_output=True, text=True).stdout


def arrays_of(file):
    return {name: array.asnumpy() for name, array in mx.nd.load(str(file)).items()}


def executor(symbol, prefix, epoch, shapes, grad_req):
    """MXNet's executor with the parameters of a checkpoint."""
    _, args, auxs = mx.model.load_checkpoint(str(prefix), epoch)
    bound = symbol.simple_bind(mx.cpu(), grad_req=grad_req, **shapes)
    bound.copy_params_from(args, auxs)
    return bound, args


def compare_predictions(prefix, epoch, predictions):
    ours = arrays_of(predictions)
    symbol = mx.sym.load(f"{prefix}-symbol.json")
    bound, _ = executor(symbol, prefix, epoch, {"data": ours["data"].shape}, "null")
    theirs = bound.forward(is_train=False, data=mx.nd.array(ours["data"]))[0].asnumpy()
    difference = np.abs(theirs - ours["probabilities"]).max()
    same = (theirs.argmax(1) == ours["probabilities"].argmax(1)).all()
    right = (theirs.argmax(1) == ours["label"]).mean()
    print(f"(a) {len(theirs)} held-out images, model of epoch {epoch} loaded in MXNet {mx.__version__}")
    print(f"    largest difference of a probability: {difference:.3g}")
    print(f"    predictions equal: {'all' if same else 'NOT all'}; accuracy in MXNet: {100 * right:.2f} %")
    return same


def mxnet_losses(prefix, learning_rate, momentum):
    """Training loss of each batch of the first epoch in MXNet."""
    data = arrays_of(f"{prefix}-data.params")
    batches = data["batches"].astype(int)
    size = batches.shape[1]
    shapes = {"data": (size, *data["data"].shape[1:]), "softmax_label": (size,)}
    symbol = mx.sym.load(f"{prefix}-symbol.json")
    bound, args = executor(symbol, prefix, 0, shapes, {n: "write" for n in symbol.list_arguments()})
    sgd = mx.optimizer.SGD(learning_rate=learning_rate, momentum=momentum, rescale_grad=1 / size,
                           param_idx2name=dict(enumerate(sorted(args))), sym=symbol)
    update = mx.optimizer.get_updater(sgd)
    losses = []
    for rows in batches:
        label = data["label"][rows]
        out = bound.forward(is_train=True, data=mx.nd.array(data["data"][rows]),
                            softmax_label=mx.nd.array(label))[0].asnumpy()
        losses.append(-np.log(out[np.arange(size), label.astype(int)].astype("f8") + 1e-12).mean())
        bound.backward()
        for index, name in enumerate(sorted(args)):
            update(index, bound.grad_dict[name], bound.arg_dict[name])
    return losses


def compare_losses(demo, prefix, folder, learning_rate, momentum):
    text = run_demo(demo, "--plain", "--epochs", 1, "--save-initial", prefix, "--print-losses", "--out", folder,
                    "--learning-rate", learning_rate, "--momentum", momentum)
    ours = [float(loss) for loss in re.findall(r"^batch \d+ loss (\S+)$", text, re.M)]
    theirs = mxnet_losses(prefix, learning_rate, momentum)
    assert len(ours) == len(theirs), (len(ours), len(theirs))
    print("(b) training loss over the first epoch, from the same weights and batches")
    print("    batch      Treadle        MXNet   relative difference")
    worst = 0
    for i, (a, b) in enumerate(zip(ours, theirs)):
        relative = abs(a - b) / b
        worst = max(worst, relative)
        print(f"    {i:5d} {a:12.7f} {b:12.7f}   {relative:.2g}")
    print(f"    largest relative difference: {worst:.3g}; the first batch: {abs(ours[0] - theirs[0]) / theirs[0]:.3g}")


def main():
    root = pathlib.Path(__file__).resolve().parents[1]
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--demo", type=pathlib.Path, default=root / "build/release/examples/treadle_demo")
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--learning-rate", type=float, default=0.05)
    parser.add_argument("--momentum", type=float, default=0.9)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)
        model, predictions = scratch / "model/lenet", scratch / "predictions.params"
        run_demo(options.demo, "--epochs", options.epochs, "--out", model.parent)
        run_demo(options.demo, "--evaluate", model, "--predictions", predictions)
        same = compare_predictions(model, options.epochs, predictions)
        compare_losses(options.demo, scratch / "initial", scratch / "first", options.learning_rate, options.momentum)
    return 0 if same else 1


if __name__ == "__main__":
    raise SystemExit(main())
