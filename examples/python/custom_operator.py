"""An operator written in Python, a loss, trained inside a graph whose other nodes are C++."""

import numpy as np
from common import digits, table

import treadle as mx


class SquaredHinge(mx.operator.CustomOp):
    """Gives the scores; their gradient is that of the squared hinge loss of each class."""

    def forward(self, is_train, req, in_data, out_data, aux):
        self.assign(out_data[0], req[0], in_data[0])

    def backward(self, req, out_grad, in_data, out_data, in_grad, aux):
        scores = out_data[0].asnumpy()
        signs = -np.ones_like(scores)
        signs[np.arange(len(scores)), in_data[1].asnumpy().astype(int)] = 1
        self.assign(in_grad[0], req[0], mx.nd.array(-2 * signs * np.maximum(0, 1 - signs * scores)))


@mx.operator.register("squared_hinge")
class SquaredHingeProp(mx.operator.CustomOpProp):
    def __init__(self):
        super().__init__(need_top_grad=False)

    def list_arguments(self):
        return ["data", "label"]

    def infer_shape(self, in_shape):
        return [in_shape[0], in_shape[0][:1]], [in_shape[0]], []

    def create_operator(self, ctx, shapes, dtypes):
        return SquaredHinge()


mx.random.seed(0)
np.random.seed(0)
net = mx.sym.FullyConnected(mx.sym.Variable("data"), num_hidden=10, name="fc")
net = mx.sym.Custom(net, name="hinge", op_type="squared_hinge")
images, labels, test_images, test_labels = digits()
model = mx.mod.Module(net, label_names=["hinge_label"])
rows = [("epoch", "accuracy")]
test = mx.io.NDArrayIter(test_images.reshape(-1, 64), test_labels, 99, label_name="hinge_label")
train = mx.io.NDArrayIter(
    images.reshape(-1, 64), labels, 50, shuffle=True, label_name="hinge_label"
)
for epoch in range(1, 5):
    model.fit(train, begin_epoch=epoch - 1, num_epoch=epoch)
    rows.append((epoch, "%.3f" % dict(model.score(test, "acc"))["accuracy"]))
table(rows)
assert float(rows[-1][1]) > 0.85
