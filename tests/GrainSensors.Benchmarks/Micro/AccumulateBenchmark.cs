using BenchmarkDotNet.Attributes;
using GrainSensors.Contracts.Windows;
using GrainSensors.Core.Exactness;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Windows;
using GrainSensors.Grains.Windows;

namespace GrainSensors.Benchmarks.Micro;

/// <summary>Readings of one sensor into its window, as a grain does it once the window is there.</summary>
[MemoryDiagnoser]
public class AccumulateBenchmark
{
    private const int Calls = 1000;
    private readonly SourceId _source = new(Guid.NewGuid(), 0);
    private readonly WindowCalls _windows = new(
        new(0, Period.Default, new(MeasurementSet.Default), ExactnessRules.Default), new EmptyStore(), Random.Shared.NextInt64);

    private ReadingBatch _readings = new();
    private long _offset;

    /// <summary>Readings in a call.</summary>
    [Params(1, 10, 100)]
    public int Readings { get; set; }

    [GlobalSetup]
    public void Prepare()
    {
        _readings = Messages.Readings(Readings, 1);
        foreach (ref var reading in _readings.Readings)
        {
            reading.Timestamp = Messages.Now;
        }
    }

    [Benchmark(OperationsPerInvoke = Calls)]
    public async Task<AddStatus> Add()
    {
        var status = AddStatus.Applied;
        for (var call = 0; call < Calls; call++)
        {
            foreach (ref var reading in _readings.Readings)
            {
                reading.Offset = _offset++;
            }

            status = await _windows.AddAsync(_source, new(_readings, 0, _readings.Count), Marks.None, default);
        }

        return status;
    }
}
