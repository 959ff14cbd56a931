using BenchmarkDotNet.Attributes;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Windows;
using GrainSensors.Ingest.Dispatch;

namespace GrainSensors.Benchmarks.Micro;

/// <summary>A batch's readings brought together by sensor.</summary>
[MemoryDiagnoser]
public class GroupBenchmark
{
    private const int Count = 20_000;
    private readonly SensorGrouping _grouping = new();
    private readonly ReadingBatch _batch = new();
    private ReadingBatch _readings = new();
    private WindowGrainHandle[] _slots = [];

    /// <summary>Sensors that have readings in the batch, in turn.</summary>
    [Params(10, 1000, 20_000)]
    public int Sensors { get; set; }

    [GlobalSetup]
    public void Prepare()
    {
        _readings = Messages.Readings(Count, Sensors);

        // No grain is called.
        _slots = [.. Enumerable.Range(0, Sensors).Select(sensor => new WindowGrainHandle(sensor, Period.Default, null!))];
    }

    [Benchmark(OperationsPerInvoke = Count)]
    public int Group()
    {
        // As the buffer of a partition copies them.
        _batch.Clear();
        _batch.Add(_readings);
        return _grouping.Run(_batch, sensor => _slots[sensor]).Count;
    }
}
