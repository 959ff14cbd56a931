using GrainSensors.Core.Readings;
using GrainSensors.Storage.Sensors;

namespace GrainSensors.Sensors;

/// <summary>A file with entries of the registry.</summary>
internal interface IEntryFile : IDisposable
{
    /// <summary>What the file is called in messages.</summary>
    string Name { get; }

    /// <summary>What was assumed about the lines read so far.</summary>
    IEnumerable<string> Notes { get; }

    IEnumerable<EntryLine> Read();
}

/// <summary>An entry of a file.</summary>
/// <param name="Number">Number of its first line; the first line of the file is 1.</param>
/// <param name="Sensor">The sensor, a name without its number.</param>
/// <param name="Change">
/// Sets what the line says in the present entry, or in an empty one. It throws a <see cref="FormatException"/> for a wrong value.
/// </param>
/// <param name="Error">Why the line is invalid; null: the sensor is known.</param>
internal sealed record EntryLine(long Number, SensorRef Sensor, Func<RegisteredSensor, RegisteredSensor> Change, string? Error = null)
{
    public static EntryLine Invalid(long number, string error) => new(number, default, entry => entry, error);
}
