using GrainSensors.Core.Exactness;
using GrainSensors.Core.Readings;

namespace GrainSensors.Storage.Names;

/// <summary>The settings of <see cref="SensorNames"/>, which tests replace.</summary>
internal sealed record SensorNamesOptions
{
    /// <summary>The number of names in memory. A name takes about 300 bytes.</summary>
    public int Capacity { get; init; } = 200_000;

    public Func<int> NewNumber { get; init; } = () => Random.Shared.Next(int.MinValue, SensorName.MaxNumber + 1);

    public ExactnessRules Rules { get; init; } = ExactnessRules.Default;

    /// <summary>Starts the batches; by default outside of the caller's scheduler.</summary>
    public Func<Func<Task>, Task>? Start { get; init; }
}
