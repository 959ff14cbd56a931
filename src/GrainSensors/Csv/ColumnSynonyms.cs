using System.Buffers;
using GrainSensors.Core.Text;

namespace GrainSensors.Csv;

/// <summary>Names that other programs give to columns. They are proposed to the user and never used without <c>--columns</c>.</summary>
internal static class ColumnSynonyms
{
    /// <summary>Names as <see cref="Plain"/> makes them, the likeliest first.</summary>
    private static readonly Dictionary<string, string[]> Known = new()
    {
        ["sensor_id"] =
        [
            "sensorid", "sensor", "deviceid", "device", "moteid", "mote", "nodeid", "node", "stationid", "entityid", "id", "dispositivo",
            "gerät",
        ],
        ["timestamp"] =
        [
            "timestamp", "time", "datetime", "ts", "date", "eventtime", "recordedat", "lastchanged", "zeit", "zeitstempel", "datum",
            "fecha", "fechahora", "hora", "epoch",
        ],
        ["temperature"] =
        [
            "temperature", "temp", "t", "temperatur", "temperatura", "température", "tempc", "temperaturec", "state", "value",
        ],
        ["humidity"] = ["humidity", "hum", "rh", "h", "relativehumidity", "feuchte", "luftfeuchtigkeit", "humedad", "humidité"],
        ["label"] = ["label", "event"],
        ["city"] = ["city", "town", "ort", "stadt", "ciudad", "ville"],
        ["station"] = ["station", "place", "location", "site", "name", "standort", "estación", "estacion", "lugar"],
        ["diff_temperature"] = ["difftemperature", "diff", "offset", "temperatureoffset"],
        ["overrides"] = ["overrides", "rules"],
    };

    /// <summary>Characters that a shell changes in double quotes, or that end a name in <c>--columns</c>.</summary>
    private static readonly SearchValues<char> ShellCharacters = SearchValues.Create("\"$`\\!,'");

    /// <returns>A name of the header for each column that has a known one.</returns>
    public static Dictionary<string, string> Propose(IEnumerable<string> columns, IEnumerable<string> names)
    {
        var free = names.Where(name => name.Length > 0).ToList();
        var proposals = new Dictionary<string, string>();
        foreach (var column in columns)
        {
            string[] synonyms = [Plain(column), .. Known.GetValueOrDefault(column, [])];
            var name = synonyms.Select(synonym => free.Find(name => Plain(name) == synonym)).FirstOrDefault(found => found is not null);
            if (name is not null)
            {
                proposals.Add(column, name);
                free.Remove(name);
            }
        }

        return proposals;
    }

    /// <returns>The value of <c>--columns</c>, quoted for a shell.</returns>
    public static string ToArgument(IReadOnlyDictionary<string, string> columns) =>
        string.Join(',', columns.Select(pair => $"{pair.Key}={Quoted(PrintableText.Escape(pair.Value))}"));

    /// <returns>Letters and digits in lower case, without what stands in brackets, which is a unit.</returns>
    private static string Plain(string name)
    {
        var unit = name.IndexOfAny(['(', '[', '{']);
        return string.Concat((unit > 0 ? name[..unit] : name).Where(char.IsLetterOrDigit)).ToLowerInvariant();
    }

    private static string Quoted(string name)
    {
        if (name.All(c => char.IsLetterOrDigit(c) || c is '_' or '-' or '.'))
        {
            return name;
        }

        if (!name.AsSpan().ContainsAny(ShellCharacters))
        {
            return $"\"{name}\"";
        }

        var text = name.Contains(',', StringComparison.Ordinal) || name.StartsWith('"')
            ? $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\""
            : name;
        return $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
    }
}
