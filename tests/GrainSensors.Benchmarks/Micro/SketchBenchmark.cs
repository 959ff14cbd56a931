using BenchmarkDotNet.Attributes;
using GrainSensors.Core.Statistics;

namespace GrainSensors.Benchmarks.Micro;

/// <summary>Values into the sketch of a window, as a grain adds them.</summary>
[MemoryDiagnoser]
public class SketchBenchmark
{
    private const int Count = 900;
    private readonly double[] _values = new double[Count];
    private readonly QuantileSketch _sketch = new();

    /// <summary>The values are spread evenly around 21 by so much.</summary>
    [Params(0, 2, 70)]
    public int Spread { get; set; }

    [GlobalSetup]
    public void Prepare()
    {
        var random = new Random(1);
        for (var i = 0; i < Count; i++)
        {
            _values[i] = Math.Round(21 + (Spread * ((2 * random.NextDouble()) - 1)), 2);
        }
    }

    [Benchmark(OperationsPerInvoke = Count)]
    public long Sketch()
    {
        foreach (var value in _values)
        {
            _sketch.Add(value);
        }

        return _sketch.Count;
    }
}
