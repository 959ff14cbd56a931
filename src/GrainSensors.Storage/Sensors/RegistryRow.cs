using System.Data.Common;
using System.Text.Json;
using GrainSensors.Core.Sensors;

namespace GrainSensors.Storage.Sensors;

/// <summary>A row of the registry, as both stores select it.</summary>
internal static class RegistryRow
{
    public static RegisteredSensor Read(DbDataReader row)
    {
        var tags = row.GetString(6);
        return new(row.GetInt32(0), Text(2), Text(3), row.GetDouble(4), Text(5))
        {
            Name = Text(1),
            Tags = tags == "{}" ? SensorTags.None : TagsOf(tags),
            DisplayName = Text(7),
            Latitude = Number(8),
            Longitude = Number(9),
            TimeZone = Text(10),
        };

        string? Text(int column) => row.IsDBNull(column) ? null : row.GetString(column);

        double? Number(int column) => row.IsDBNull(column) ? null : row.GetDouble(column);
    }

    private static SensorTags TagsOf(string json)
    {
        using var tags = JsonDocument.Parse(json);
        return SensorTags.OfStored(tags.RootElement.EnumerateObject().Select(tag => KeyValuePair.Create(tag.Name, $"{tag.Value}")));
    }
}
