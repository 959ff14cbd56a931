using System.Globalization;
using System.Text;
using GrainSensors.Core.Readings;

namespace GrainSensors.Reconciliation.Parsing;

/// <summary>The sensor of a message.</summary>
/// <param name="Id">The id; <see cref="SensorName.NoNumber"/>: the sensor has a name.</param>
/// <param name="IsOfLaterForm">See <see cref="Model.ParsedMessage.IsOfLaterForm"/>.</param>
internal readonly record struct MessageSensorRef(int Id, string? Name, bool IsOfLaterForm)
{
    /// <param name="text">An id in its canonical form, or a name.</param>
    public static bool TryParse(string? text, out MessageSensorRef sensor)
    {
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            && id.ToString(CultureInfo.InvariantCulture) == text)
        {
            sensor = new(id, null, true);
            return true;
        }

        // The normal form of text follows from tables, which both parsers have from Unicode.
        var isName = SensorName.TryParse(Encoding.UTF8.GetBytes(text ?? ""), out var name);
        sensor = isName ? new(SensorName.NoNumber, name, true) : default;
        return isName;
    }
}
