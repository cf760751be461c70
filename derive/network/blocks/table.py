"""The kinds of blocks, by name."""

from collections.abc import Mapping
from types import MappingProxyType

from derive.checks import Synonyms
from derive.network.blocks.attention import ATTENTION
from derive.network.blocks.block import Block
from derive.network.blocks.convolution import CONV1D, CONV2D
from derive.network.blocks.embedding import EMBEDDING
from derive.network.blocks.errors import ERROR, WEIGHTED_SUM
from derive.network.blocks.joining import ADD, CONCAT, FLATTEN, MEAN, MULTIPLY, RESHAPE, SUM, TRANSPOSE
from derive.network.blocks.linear import ACTIVATION, LINEAR, SOFTMAX
from derive.network.blocks.normalization import BATCH_NORM, LAYER_NORM
from derive.network.blocks.pooling import AVG_POOL1D, AVG_POOL2D, MAX_POOL1D, MAX_POOL2D
from derive.network.blocks.recurrent import GRU, LSTM, RNN

_TABLE = (
    *(LINEAR, ACTIVATION, SOFTMAX, CONV1D, CONV2D, RNN, LSTM, GRU),
    *(MAX_POOL1D, MAX_POOL2D, AVG_POOL1D, AVG_POOL2D, EMBEDDING, LAYER_NORM, BATCH_NORM, ATTENTION),
    *(ADD, MULTIPLY, CONCAT, RESHAPE, FLATTEN, TRANSPOSE, SUM, MEAN, ERROR, WEIGHTED_SUM),
)
BLOCKS: Mapping[str, Block] = MappingProxyType({block.op: block for block in _TABLE})
OTHER_NAMES = Synonyms(
    same={
        "dense": "linear",
        "fullyconnected": "linear",
        "conv": "conv2d",
        "convolution": "conv2d",
        "skip": "add",
        "residual": "add",
        "cat": "concat",
        "concatenate": "concat",
        "loss": "error",
        "mul": "multiply",
        "view": "reshape",
        "averagepool2d": "avg_pool2d",
        "maxpool": "max_pool2d",
        "avgpool": "avg_pool2d",
        "layernormalization": "layer_norm",
        "batchnormalization": "batch_norm",
        "multiheadattention": "attention",
        "recurrent": "rnn",
    }
)
