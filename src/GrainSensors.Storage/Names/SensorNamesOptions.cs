using System.Text;
using GrainSensors.Core.Alerts;
using GrainSensors.Core.Exactness;
using GrainSensors.Core.Readings;

namespace GrainSensors.Storage.Names;

/// <summary>The settings of <see cref="SensorNames"/>, which tests replace.</summary>
internal sealed record SensorNamesOptions
{
    /// <summary>The names in use that memory has at least. A name takes about 50 bytes.</summary>
    public int Capacity { get; init; } = 1_000_000;

    /// <summary>Batches in the store at the same time. Each sorts its names, so that they wait for each other in the same order.</summary>
    public int Lanes { get; init; } = 4;

    /// <summary>Draws a number for a name.</summary>
    public Func<string, int> NewNumber { get; init; } = DrawNumber;

    public SensorNameLimits Limits { get; init; } = new();

    public TimeProvider Clock { get; init; } = TimeProvider.System;

    public ExactnessRules Rules { get; init; } = ExactnessRules.Default;

    /// <summary>Starts the batches; by default outside of the caller's scheduler.</summary>
    public Func<Func<Task>, Task>? Start { get; init; }

    /// <summary>A number of the shard of the name, so that monitors are found by the number alone; about 60 tries.</summary>
    private static int DrawNumber(string name)
    {
        var shard = SensorShards.Of(Encoding.UTF8.GetBytes(name));
        int number;
        do
        {
            number = Random.Shared.Next(int.MinValue, SensorName.MaxNumber + 1);
        }
        while (SensorShards.Of(number) != shard);
        return number;
    }
}
