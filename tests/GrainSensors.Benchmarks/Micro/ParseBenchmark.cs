using BenchmarkDotNet.Attributes;
using GrainSensors.Core.Readings;

namespace GrainSensors.Benchmarks.Micro;

/// <summary>A message's bytes into a reading.</summary>
[MemoryDiagnoser]
public class ParseBenchmark
{
    public const int Count = 1000;
    private readonly ReadingParser _parser = new(MeasurementSet.Default, new());
    private readonly MessageValues _values = new();
    private readonly byte[][] _messages = Messages.Json(Count, Count);

    [Benchmark(OperationsPerInvoke = Count)]
    public long Parse()
    {
        var sum = 0L;
        foreach (var message in _messages)
        {
            _parser.Parse(message, Messages.Now, null, _values, out var reading);
            sum += reading.Timestamp;
        }

        return sum;
    }
}
