using System.Globalization;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Sensors;
using GrainSensors.Core.Text;
using GrainSensors.Storage.Sensors;

namespace GrainSensors.Web.Registry;

/// <summary>Selects sensors by what the registry says about them, without accents and in any case.</summary>
/// <param name="Tags">A sensor has all of these tags.</param>
/// <param name="Place">City and station contain this text, folded (<see cref="SearchText"/>).</param>
/// <param name="Words">Each of these folded words is in the name, the display name, the place or the tags, or begins the id.</param>
internal sealed record SensorFilter(SensorTags Tags, string Place, IReadOnlyList<string> Words)
{
    public static SensorFilter All { get; } = new(SensorTags.None, "", []);

    /// <param name="tags">Such as <c>room=kitchen</c>.</param>
    /// <exception cref="FormatException">A tag is invalid.</exception>
    public static SensorFilter Of(IEnumerable<string>? tags, string? text, string? place) => new(
        tags is null ? SensorTags.None : SensorTags.Of(tags.Select(SensorTags.ParseTag)),
        SearchText.Fold(place ?? "").Trim(),
        SearchText.Words(text));

    /// <param name="entry">Null: the sensor is not registered.</param>
    public bool Matches(SensorRef sensor, RegisteredSensor? entry)
    {
        if (Tags.Count > 0 && entry?.Tags.Include(Tags) != true)
        {
            return false;
        }

        var place = Place.Length == 0 && Words.Count == 0 ? "" : SearchText.Fold(entry?.Place ?? "");
        if (!place.Contains(Place, StringComparison.Ordinal))
        {
            return false;
        }

        if (Words.Count == 0)
        {
            return true;
        }

        var id = sensor.Name is null ? sensor.Id.ToString(CultureInfo.InvariantCulture) : "";
        var text = $"sensor\n{SearchText.Fold($"{sensor.Name}\n{entry?.DisplayName}\n{entry?.Tags}")}\n{place}";
        return Words.All(word => id.StartsWith(word, StringComparison.Ordinal) || text.Contains(word, StringComparison.Ordinal));
    }
}
