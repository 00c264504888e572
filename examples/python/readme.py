"""Learns from 200 random points which side of a line they are on."""

import numpy as np
import treadle as mx

net = mx.sym.FullyConnected(mx.sym.Variable("data"), num_hidden=2, name="fc")
net = mx.sym.SoftmaxOutput(net, normalization="batch", name="softmax")
exe = net.simple_bind(mx.cpu(), data=(200, 2), grad_req={"fc_weight": "write", "fc_bias": "write"})
points = np.random.RandomState(0).randn(200, 2)
for step in range(100):
    exe.forward(is_train=True, data=points, softmax_label=points[:, 0] > points[:, 1])
    exe.backward()
    for name in "fc_weight", "fc_bias":
        exe.arg_dict[name] -= 2.0 * exe.grad_dict[name]
correct = exe.outputs[0].asnumpy().argmax(axis=1) == (points[:, 0] > points[:, 1])
print("accuracy %.1f %%" % (100 * correct.mean()))
assert correct.mean() > 0.95
