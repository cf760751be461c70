"""A network in PyTorch, written as its users write one: nothing here comes from derive's derivation or its code."""

import pytest
from oracle import parameter_places

torch = pytest.importorskip("torch")
F = torch.nn.functional
torch.set_num_threads(1)  # Such small networks gain nothing from more, and lose much where the machine is busy.

ACTIVATIONS = {
    "identity": lambda net, layer: net,
    "logistic": lambda net, layer: torch.sigmoid(net),
    "tanh": lambda net, layer: torch.tanh(net),
    "relu": lambda net, layer: F.relu(net),
    "leaky_relu": lambda net, layer: F.leaky_relu(net, negative_slope=float(layer.constant)),
    "elu": lambda net, layer: F.elu(net, alpha=float(layer.constant)),
    "softplus": lambda net, layer: F.softplus(net),
    "softsign": lambda net, layer: F.softsign(net),
    "gelu": lambda net, layer: F.gelu(net, approximate="none"),
    "silu": lambda net, layer: F.silu(net),
    "hard_tanh": lambda net, layer: F.hardtanh(net),
    "softmax": lambda net, layer: F.softmax(net, dim=1),
}


def cross_entropy(net, out, target, network):
    """From the nets where the last layer is softmax, as PyTorch wants it."""
    if network.layers[-1].activation == "softmax":
        return F.cross_entropy(net, target, reduction="sum")
    return -(target * torch.log(out)).sum()


# Each from the last layer's nets and outs, the targets and the network; summed over outputs and samples.
ERRORS = {
    "half_squared_error": lambda net, out, target, network: F.mse_loss(out, target, reduction="sum") / 2,
    "squared_error": lambda net, out, target, network: F.mse_loss(out, target, reduction="sum"),
    "mean_squared_error": lambda net, out, target, network: F.mse_loss(out, target, reduction="sum") / out.shape[1],
    "absolute_error": lambda net, out, target, network: F.l1_loss(out, target, reduction="sum"),
    "huber": lambda net, out, target, network: F.huber_loss(
        out, target, reduction="sum", delta=1.0 if network.delta is None else float(network.delta)
    ),
    "binary_cross_entropy": lambda net, out, target, network: F.binary_cross_entropy(out, target, reduction="sum"),
    "cross_entropy": cross_entropy,
    "hinge": lambda net, out, target, network: torch.relu(1 - target * out).sum(),
}


def tensor(values, *, requires_grad=False):
    """A list of exact numbers, or one of such lists, in double precision."""
    floats = [[float(v) for v in value] if isinstance(value, tuple) else float(value) for value in values]
    return torch.tensor(floats, dtype=torch.float64, requires_grad=requires_grad)


def parameters(network):
    """The weights and the biases, a tensor or None a layer; a shared bias is a tensor of one element."""
    weights = [tensor(layer.weights, requires_grad=True) for layer in network.layers]
    biases = []
    for layer in network.layers:
        values = layer.bias if layer.bias is None or isinstance(layer.bias, tuple) else (layer.bias,)
        biases.append(None if values is None else tensor(values, requires_grad=True))
    return weights, biases


def outs_of(net, weights, biases, inputs):
    """The outs of the last layer, a row a sample."""
    out = inputs
    for layer, weight, bias in zip(net.layers, weights, biases, strict=True):
        out = ACTIVATIONS[layer.activation](out @ weight.T + (0 if bias is None else bias), layer)
    return out


def error_of(network, weights, biases):
    """The error over all samples, as a tensor."""
    out = tensor([sample.inputs for sample in network.samples])
    target = tensor([sample.targets for sample in network.samples])
    for layer, weight, bias in zip(network.layers, weights, biases, strict=True):
        net = out @ weight.T if bias is None else out @ weight.T + bias
        out = ACTIVATIONS[layer.activation](net, layer)
    total = ERRORS[network.error](net, out, target, network)
    return total / len(network.samples) if network.reduction == "mean" else total


def by_name(network, weights, biases):
    """The numbers of such tensors by parameter name."""
    return {
        name: (biases[layer][column] if row == "bias" else weights[layer][row, column]).item()
        for name, (layer, row, column) in parameter_places(network).items()
    }


def gradients(network):
    """The error, and its gradient by parameter name, trained or not."""
    weights, biases = parameters(network)
    error = error_of(network, weights, biases)
    error.backward()
    return error.item(), by_name(network, [w.grad for w in weights], [None if b is None else b.grad for b in biases])


def optimizer_of(network, weights, biases):
    """The network's optimizer over the weights and biases that it trains, in groups as weight decay needs them."""
    number = {name: float(value) for name, value in network.optimizer.constants.items()}
    given = network.optimizer.weight_decay
    decay, on_all = (float(given.value), given.on == "all") if hasattr(given, "on") else (float(given), True)
    groups = [{"params": weights, "weight_decay": decay}]
    groups += [{"params": biases, "weight_decay": decay if on_all else 0.0}] if biases else []
    trained, common = groups, {"lr": float(network.learning_rate)}
    match network.optimizer.name:
        case "gradient_descent":
            return torch.optim.SGD(trained, **common)
        case "momentum":
            return torch.optim.SGD(trained, momentum=number["momentum"], **common)
        case "nesterov":
            return torch.optim.SGD(trained, momentum=number["momentum"], nesterov=True, **common)
        case "adagrad":
            return torch.optim.Adagrad(trained, eps=number["epsilon"], **common)
        case "rmsprop":
            return torch.optim.RMSprop(trained, alpha=number["decay"], eps=number["epsilon"], **common)
        case "adam":
            betas = (number["beta1"], number["beta2"])
            return torch.optim.Adam(trained, betas=betas, eps=number["epsilon"], **common)
    raise ValueError(network.optimizer.name)


def train(network, steps):
    """The error before each step and after the last, and the parameters then, by name."""
    weights, biases = parameters(network)
    moved = [bias for layer, bias in zip(network.layers, biases, strict=True) if bias is not None and layer.train_bias]
    optimizer = optimizer_of(network, weights, moved)
    errors = []
    for _ in range(steps):
        optimizer.zero_grad()
        error = error_of(network, weights, biases)
        error.backward()
        optimizer.step()
        errors.append(error.item())
    with torch.no_grad():
        errors.append(error_of(network, weights, biases).item())
    return errors, by_name(network, weights, biases)


def train_online(network, passes):
    """The error over all samples before and after each pass, and the parameters then: an update for each sample."""
    weights, biases = parameters(network)
    moved = [bias for layer, bias in zip(network.layers, biases, strict=True) if bias is not None and layer.train_bias]
    optimizer = optimizer_of(network, weights, moved)
    alone = [network.replace(samples=[sample]) for sample in network.samples]
    errors = [error_of(network, weights, biases).item()]
    for _ in range(passes):
        for one in alone:
            optimizer.zero_grad()
            error_of(one, weights, biases).backward()
            optimizer.step()
        errors.append(error_of(network, weights, biases).item())
    return errors, by_name(network, weights, biases)
