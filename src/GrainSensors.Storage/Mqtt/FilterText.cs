namespace GrainSensors.Storage.Mqtt;

/// <summary>Filters of MQTT as one text, each on a line of its own; the configuration has none with a line break.</summary>
internal static class FilterText
{
    public static string Join(IEnumerable<string> filters) => string.Join('\n', filters);

    public static string[] Split(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
