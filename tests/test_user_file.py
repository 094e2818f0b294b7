"""If a user's script has network classes, only the statements that these classes need are executed."""

import ast

from gan_bench.needed_statements import needed_statements

#: Statement -> whether the class `Net` needs it.
STATEMENTS = {
    "import sys": True,
    "sys.path.append('lib')": True,
    "from lib import *": True,
    "import torch, numpy": True,
    "import matplotlib": False,
    "torch.manual_seed(0)": False,
    "size = 64": True,
    "sizes = [3]": True,
    "sizes.append(size)": True,
    "for k in (1, 2):\n    sizes.append(k)": True,
    "unused = 100": True,
    "device = torch.device('cpu')": False,
    "try:\n    import fast\nexcept ImportError:\n    fast = None": True,
    "if fast:\n    numpy.zeros = fast.zeros": False,
    "def helper(x):\n    return other(x)": True,
    "def other(x):\n    return x": True,
    "def train(net):\n    net.backward()": False,
    "@helper\nclass Net(Base):\n    width = size\n    def forward(self):\n        return fast(torch.x(sizes))": True,
    "net = Net()": False,
    "net.cuda()": False,
    "print(size)": False,
    "helper.cache = {}": True,
    "for x in range(10):\n    sys.stdout.write(torch.save(x))\n    net.step()": False,
    "if __name__ == '__main__':\n    train(net)": False,
}


def test_the_statements_that_a_class_needs() -> None:
    tree = ast.parse("\n".join([*STATEMENTS, "class Base:\n    count = len(numpy.x)"]))
    kept = needed_statements(tree, ["Net"])
    assert {text: node in kept for text, node in zip(STATEMENTS, tree.body, strict=False)} == STATEMENTS
