namespace GrainSensors.Sources.Configuration;

/// <summary>An option of a source is wrong.</summary>
/// <param name="key">The option, such as <c>Mapping:Sensor</c>.</param>
/// <param name="rule">Completes the sentence "KEY …", without the full stop: the rule, the offending value, and what to do.</param>
public sealed class SourceOptionsException(string key, string rule) : FormatException($"{key} {rule}.")
{
    public string Key { get; } = key;

    public string Rule { get; } = rule;
}
