using System.CommandLine;
using GrainSensors.Core.Sensors;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Invocation;
using GrainSensors.Sources.Configuration;
using GrainSensors.Storage.Access;

namespace GrainSensors.Keys;

/// <summary>The options of <c>key</c> that make a device key: one of them says what it may send.</summary>
internal sealed class ScopeOptions
{
    public Option<KeyScope?> Device { get; } = CommonOptions.Parsed<KeyScope?>(
        "--device", "SENSOR", "Make a device key, which may only send readings of this sensor", DeviceOf);

    public Option<KeyScope?> Tag { get; } = CommonOptions.Parsed<KeyScope?>(
        "--tag", "KEY=VALUE", "Make a device key, which may only send readings of sensors that have this tag in the registry", TagOf);

    public Option<KeyScope?> Source { get; } = CommonOptions.Parsed<KeyScope?>(
        "--source", "NAME",
        "Make a device key, which may only send payloads to this source; sensor-data stands for POST /api/v1/readings", SourceOf);

    /// <returns>Null: the command makes an access key.</returns>
    /// <exception cref="UsageException">Several scopes are given.</exception>
    public KeyScope? Of(ParseResult result)
    {
        List<Option<KeyScope?>> given = [.. new[] { Device, Tag, Source }.Where(option => result.GetResult(option) is not null)];
        return given.Count <= 1
            ? given.Select(option => result.GetValue(option)).SingleOrDefault()
            : throw new UsageException(
                $"A device key has one scope; got {string.Join(" and ", given.Select(option => option.Name))}. Make a key for each.");
    }

    private static KeyScope DeviceOf(string option, string text) => new(
        KeyScopeKind.Device, $"{CommonOptions.Sensor(option, text)}");

    private static KeyScope TagOf(string option, string text)
    {
        try
        {
            return new(KeyScopeKind.Tag, $"{SensorTags.Of([SensorTags.ParseTag(text)])}");
        }
        catch (FormatException e)
        {
            throw new UsageException($"{option} is invalid. {e.Message}");
        }
    }

    private static KeyScope SourceOf(string option, string text) =>
        text.Length is > 0 and <= SourceOptions.MaxNameLength && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_')
            ? new(KeyScopeKind.Source, text)
            : throw new UsageException(
                $"{option} must be the name of a source, 1 to {SourceOptions.MaxNameLength} letters, digits, dots, dashes or underscores; "
                + $"got \"{text}\".");
}
