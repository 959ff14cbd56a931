using BenchmarkDotNet.Attributes;
using GrainSensors.Contracts.Windows;
using GrainSensors.Core.Readings;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;

namespace GrainSensors.Benchmarks.Micro;

/// <summary>Readings of one sensor for a grain on another silo, and there.</summary>
[MemoryDiagnoser]
public class SerializeBenchmark
{
    private readonly Serializer<ReadingSlice> _serializer = new ServiceCollection().AddSerializer()
        .AddSingleton(new MeasurementCatalog(MeasurementSet.Default)).BuildServiceProvider()
        .GetRequiredService<Serializer<ReadingSlice>>();

    private ReadingBatch _readings = new();
    private byte[] _bytes = [];

    /// <summary>Readings in a call.</summary>
    [Params(1, 10, 100)]
    public int Readings { get; set; }

    [GlobalSetup]
    public void Prepare()
    {
        _readings = Messages.Readings(Readings, 1);
        _bytes = Serialize();
    }

    [Benchmark]
    public byte[] Serialize() => _serializer.SerializeToArray(new(_readings, 0, _readings.Count));

    [Benchmark]
    public int Deserialize() => _serializer.Deserialize(_bytes).Count;
}
