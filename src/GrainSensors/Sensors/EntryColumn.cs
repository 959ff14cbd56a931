using System.Globalization;
using GrainSensors.Csv;
using GrainSensors.Storage.Sensors;
using GrainSensors.Web.Registry;

namespace GrainSensors.Sensors;

/// <summary>The columns of an entry in CSV, which are also the options of <c>sensors set</c>.</summary>
internal static class EntryColumn
{
    public const string SensorId = "sensor_id";
    public const string DisplayName = "display_name";
    public const string City = "city";
    public const string Station = "station";
    public const string Latitude = "latitude";
    public const string Longitude = "longitude";
    public const string TimeZone = "time_zone";
    public const string Offset = "diff_temperature";
    public const string Tags = "tags";
    public const string Overrides = "overrides";

    public static readonly IReadOnlyList<string> All =
        [SensorId, DisplayName, City, Station, Latitude, Longitude, TimeZone, Offset, Tags, Overrides];

    /// <returns>The values of the columns as text; empty: none.</returns>
    public static IEnumerable<(string Column, string Value)> Values(RegisteredSensor entry) =>
    [
        (SensorId, $"{entry.Sensor}"),
        (DisplayName, entry.DisplayName ?? ""),
        (City, entry.City ?? ""),
        (Station, entry.Station ?? ""),
        (Latitude, Text(entry.Latitude)),
        (Longitude, Text(entry.Longitude)),
        (TimeZone, entry.TimeZone ?? ""),
        (Offset, entry.Offset == 0 ? "" : Text(entry.Offset)),
        (Tags, TagsCell.Format(entry.Tags)),
        (Overrides, entry.Overrides ?? ""),
    ];

    /// <param name="text">The value as text; empty text clears the field.</param>
    /// <exception cref="FormatException">The text is not a value of the column.</exception>
    public static RegisteredSensor Set(RegisteredSensor entry, string column, string text, bool allowsDecimalComma = false)
    {
        text = text.Trim();
        var value = text.Length == 0 ? null : text;
        return column switch
        {
            DisplayName => entry with { DisplayName = value },
            City => entry with { City = value },
            Station => entry with { Station = value },
            Latitude => entry with { Latitude = Number(90) },
            Longitude => entry with { Longitude = Number(180) },
            TimeZone => entry with { TimeZone = value },
            Offset => entry with { Offset = Number(EntryRules.MaxOffset) ?? 0 },
            Tags => entry with { Tags = TagsCell.Parse(text) },
            Overrides => entry with { Overrides = value },
            _ => entry,
        };

        double? Number(double most) => CsvValue.IsMissing(text) ? null
            : CsvValue.TryParse(text, allowsDecimalComma, out var number) && Math.Abs(number) <= most ? number
            : throw new FormatException($"{column} must be a number from -{most} to {most}; got {CsvValue.Quote(text)}");
    }

    private static string Text(double? number) => number?.ToString(CultureInfo.InvariantCulture) ?? "";
}
