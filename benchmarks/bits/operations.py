"""Single operations of PyTorch, NumPy and SciPy on fixed inputs, each reduced to a digest of its result.

`python benchmarks/bits/record.py` runs them under sets of caps (environment variables that limit the instructions of a
library) and compares the digests. The operations are those that training, features, metrics and statistics use.
"""

import hashlib
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import scipy.linalg
import scipy.special
import scipy.stats
import torch
import torch.nn.functional as F

Operation = Callable[[], Any]


def digest(value: Any) -> str:
    """First 12 hex digits of the SHA-256 over type, shape and values of each tensor, array and number in a result."""
    sha = hashlib.sha256()
    for array in _arrays(value):
        sha.update(str((array.dtype, array.shape)).encode() + np.ascontiguousarray(array).tobytes())
    return sha.hexdigest()[:12]


def _arrays(value: Any) -> Iterator[np.ndarray]:
    if isinstance(value, torch.Tensor):
        tensor = value.detach()
        yield (tensor.view(torch.int16) if tensor.dtype is torch.bfloat16 else tensor).numpy()
    elif isinstance(value, dict):
        for key in sorted(value):
            yield from _arrays(value[key])
    elif isinstance(value, tuple | list):
        for part in value:
            yield from _arrays(part)
    elif value is not None:
        yield np.asarray(value)


def uniform(*shape: int, seed: int = 1, dtype: str = "float32") -> np.ndarray:
    """Numbers in [-1, 1), computed by integer arithmetic only, so that no cap can change an input."""
    count = int(np.prod(shape))
    state = np.arange(count, dtype=np.uint64) + np.uint64(seed * 1_000_003)
    for factor in (0xBF58476D1CE4E5B9, 0x94D049BB133111EB):
        state = (state ^ (state >> np.uint64(29))) * np.uint64(factor)
    whole = (state >> np.uint64(40)).astype(np.int64) - (1 << 23)
    return (whole.astype(dtype) / dtype_of(dtype)(1 << 23)).reshape(shape)


def dtype_of(name: str) -> Any:
    """The NumPy scalar type of a name."""
    return np.dtype(name).type


def tensor(*shape: int, seed: int = 1, dtype: str = "float32") -> torch.Tensor:
    """`uniform` as a tensor."""
    return torch.from_numpy(uniform(*shape, seed=seed, dtype=dtype))


def operations() -> dict[str, Operation]:
    """Name -> operation; the part before the first dot names the library."""
    return {**_torch_products(), **_torch_convolutions(), **_torch_pointwise(), **_torch_optimizers(), **_numpy_scipy()}


def _torch_products() -> dict[str, Operation]:
    table: dict[str, Operation] = {}
    for rows, inner, columns in ((64, 64, 128), (64, 128, 256), (64, 784, 512), (256, 256, 256), (33, 17, 5)):
        a, b = tensor(rows, inner), tensor(inner, columns, seed=2)
        table[f"torch.matmul float32 {rows}x{inner}x{columns}"] = lambda a=a, b=b: a @ b
        table[f"torch.matmul transposed {rows}x{inner}x{columns}"] = lambda a=a, b=b: b.T @ a.T
    a, b = tensor(64, 256, dtype="float64"), tensor(256, 64, seed=2, dtype="float64")
    square = a @ b
    symmetric = square @ square.T + 64 * torch.eye(64, dtype=torch.float64)
    weight, bias = tensor(128, 64, seed=3), tensor(128, seed=4)
    table |= {
        "torch.matmul float64 64x256x64": lambda: a @ b,
        "torch.linear": lambda: F.linear(tensor(32, 64), weight, bias),
        "torch.bmm": lambda: torch.bmm(tensor(8, 32, 64), tensor(8, 64, 16, seed=5)),
        "torch.matrix-vector": lambda: tensor(256, 128) @ tensor(128, seed=6),
        "torch.dot": lambda: torch.dot(tensor(4099), tensor(4099, seed=7)),
        "torch.cholesky float64": lambda: torch.linalg.cholesky_ex(symmetric)[0],
        "torch.eigh float64": lambda: torch.linalg.eigh(symmetric),
        "torch.eigvalsh float64": lambda: torch.linalg.eigvalsh(symmetric),
        "torch.svdvals float64": lambda: torch.linalg.svdvals(square),
        "torch.cdist float32": lambda: torch.cdist(tensor(64, 64), tensor(48, 64, seed=8)),
    }
    return table


def _torch_convolutions() -> dict[str, Operation]:
    table: dict[str, Operation] = {}
    cases = (
        (64, 1, 16, 28, 4, 2), (64, 16, 32, 14, 4, 2), (32, 32, 64, 8, 4, 2), (32, 3, 32, 32, 3, 1),
        (8, 64, 64, 8, 3, 1),
    )  # fmt: skip
    for batch, inputs, outputs, side, kernel, stride in cases:
        x = tensor(batch, inputs, side, side).requires_grad_()
        w = tensor(outputs, inputs, kernel, kernel, seed=2).requires_grad_()
        v = tensor(inputs, outputs, kernel, kernel, seed=3).requires_grad_()
        name = f"{batch}x{inputs}x{side}x{side} to {outputs}, kernel {kernel}, stride {stride}"

        def forward(x: Any = x, w: Any = w, stride: int = stride) -> Any:
            return F.conv2d(x, w, stride=stride, padding=1)

        def backward(x: Any = x, w: Any = w, stride: int = stride) -> Any:
            return torch.autograd.grad(F.conv2d(x, w, stride=stride, padding=1).square().sum(), [x, w])

        def transposed(x: Any = x, v: Any = v, stride: int = stride) -> Any:
            return torch.autograd.grad(F.conv_transpose2d(x, v, stride=stride, padding=1).square().sum(), [x, v])

        table |= {f"torch.conv2d {name}": forward, f"torch.conv2d gradient {name}": backward}
        table[f"torch.conv_transpose2d gradient {name}"] = transposed
    return table


def _torch_pointwise() -> dict[str, Operation]:
    x, y = tensor(64, 1027), tensor(64, 1027, seed=2)
    image = tensor(32, 16, 14, 14)
    names = ("exp", "log1p", "tanh", "sigmoid", "sqrt", "rsqrt", "erf", "sin", "cos", "softplus", "silu", "logsigmoid")
    table: dict[str, Operation] = {}
    for name in names:
        function = getattr(torch, name, None) or getattr(F, name)
        for dtype in ("float32", "float64"):
            given = tensor(64, 1027, dtype=dtype)
            given = given.abs() if name in ("log1p", "sqrt", "rsqrt") else given
            table[f"torch.{name} {dtype}"] = lambda function=function, given=given: function(given)
    return table | {
        "torch.sum": lambda: (x.sum(), x.sum(0), x.sum(1)),
        "torch.mean": lambda: (x.mean(), x.mean(0), image.mean((0, 2, 3))),
        "torch.var": lambda: (x.var(), image.var((0, 2, 3))),
        "torch.std_mean": lambda: torch.std_mean(x, dim=1, correction=0),
        "torch.vector_norm": lambda: (torch.linalg.vector_norm(x), torch.linalg.vector_norm(x, dim=1)),
        "torch.foreach_norm": lambda: torch._foreach_norm([x, y]),
        "torch.cumsum": lambda: x.cumsum(1),
        "torch.softmax": lambda: (torch.softmax(x, 1), torch.log_softmax(x, 1)),
        "torch.logsumexp": lambda: torch.logsumexp(x, 1),
        "torch.logaddexp": lambda: torch.logaddexp(x, y),
        "torch.pow": lambda: (x.abs() ** 1.7, x**2, x**3),
        "torch.division": lambda: x / (y.abs() + 1),
        "torch.addcmul": lambda: torch.addcmul(x, x, y, value=0.1),
        "torch.lerp": lambda: torch.lerp(x, y, 0.3),
        "torch.batch_norm": lambda: _norm_gradient(image, lambda z: F.batch_norm(z, None, None, training=True)),
        "torch.layer_norm": lambda: _norm_gradient(image, lambda z: F.layer_norm(z, z.shape[1:])),
        "torch.group_norm": lambda: _norm_gradient(image, lambda z: F.group_norm(z, 4)),
        "torch.avg_pool2d": lambda: F.avg_pool2d(image, 2),
        "torch.adaptive_avg_pool2d": lambda: F.adaptive_avg_pool2d(image, 2),
        "torch.interpolate bilinear": lambda: F.interpolate(image, scale_factor=2, mode="bilinear"),
        "torch.leaky_relu": lambda: F.leaky_relu(x, 0.2),
        "torch.binary_cross_entropy": lambda: F.binary_cross_entropy_with_logits(x, y.abs()),
    }


def _norm_gradient(x: torch.Tensor, norm: Callable[[torch.Tensor], torch.Tensor]) -> Any:
    leaf = x.clone().requires_grad_()
    out = norm(leaf)
    return out, torch.autograd.grad((out * out.sin()).sum(), leaf)[0]


def _torch_optimizers() -> dict[str, Operation]:
    makers: dict[str, Callable[[list[torch.Tensor]], torch.optim.Optimizer]] = {
        "sgd": lambda p: torch.optim.SGD(p, lr=0.1),
        "sgd momentum": lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9),
        "adam": lambda p: torch.optim.Adam(p, lr=2e-4, betas=(0.5, 0.999)),
        "adam fused": lambda p: torch.optim.Adam(p, lr=2e-4, betas=(0.5, 0.999), fused=True),
        "rmsprop": lambda p: torch.optim.RMSprop(p, lr=5e-5),
    }
    return {f"torch.{name} 3 steps": lambda make=make: _steps(make) for name, make in makers.items()}


def _steps(make: Callable[[list[torch.Tensor]], torch.optim.Optimizer]) -> torch.Tensor:
    parameter = tensor(64, 129).requires_grad_()
    optimizer = make([parameter])
    for step in range(3):
        parameter.grad = tensor(64, 129, seed=step + 2)
        optimizer.step()
    return parameter.detach()


def _numpy_scipy() -> dict[str, Operation]:
    table: dict[str, Operation] = {}
    for dtype in ("float32", "float64"):
        x = uniform(64, 1027, dtype=dtype)
        for name in ("exp", "log", "log1p", "sin", "cos", "tanh", "arcsinh", "arctanh", "sqrt", "square", "arccos"):
            given = np.abs(x) + dtype_of(dtype)(0.5) if name in ("log", "log1p", "sqrt") else x
            table[f"numpy.{name} {dtype}"] = lambda name=name, given=given: getattr(np, name)(given)
        table |= {
            f"numpy.power {dtype}": lambda x=x: np.abs(x) ** dtype_of(str(x.dtype))(1.7),
            f"numpy.sum {dtype}": lambda x=x: (x.sum(), x.sum(0), x.sum(1), x.mean(), x.std(), x.var(0)),
            f"numpy.matmul {dtype}": lambda x=x: x @ x.T,
            f"numpy.einsum {dtype}": lambda x=x: np.einsum("ij,ij->i", x, x),
        }
    a = uniform(64, 64, dtype="float64")
    s = a @ a.T
    flat = uniform(2000, dtype="float64")
    return table | {
        "numpy.linalg.svd": lambda: np.linalg.svd(a),
        "numpy.linalg.qr": lambda: np.linalg.qr(a),
        "numpy.linalg.norm": lambda: np.linalg.norm(a, axis=1),
        "numpy.linalg.eigh": lambda: np.linalg.eigh(s),
        "numpy.sort": lambda: (np.sort(flat), np.argsort(flat, kind="stable"), np.quantile(flat, [0.025, 0.5, 0.975])),
        "numpy.cumsum": lambda: np.cumsum(flat),
        "numpy.polyfit": lambda: np.polyfit(np.arange(50.0), flat[:50], 2),
        "numpy.random normal": lambda: np.random.default_rng(1).standard_normal((64, 100)),
        "numpy.random normal float32": lambda: np.random.default_rng(1).standard_normal(6400, dtype=np.float32),
        "numpy.random others": lambda: [
            getattr(np.random.default_rng(1), name)(*values)
            for name, values in (("uniform", (0, 1, 999)), ("permutation", (999,)), ("gamma", (2.5, 1, 99)))
        ],
        "scipy.linalg.eigh": lambda: scipy.linalg.eigh(s),
        "scipy.linalg.cholesky": lambda: scipy.linalg.cholesky(s + 64 * np.eye(64)),
        "scipy.special": lambda: [
            getattr(scipy.special, name)(np.abs(flat) * 0.9 + 0.05)
            for name in ("ndtr", "ndtri", "gammaln", "expit", "logit")
        ],
        "scipy.stats": lambda: (
            scipy.stats.t.ppf(0.975, np.arange(1, 20)), scipy.stats.f.sf(np.arange(1, 9), 3, 7),
            scipy.stats.studentized_range.ppf(0.95, 4, 20), scipy.stats.kendalltau(flat[:50], flat[50:100])[0],
            scipy.stats.spearmanr(flat[:50], flat[50:100])[0],
        ),
        "scipy.special.logsumexp": lambda: scipy.special.logsumexp(a, axis=1),
    }  # fmt: skip
