using System.Text.Json;

namespace GrainSensors.Core.Readings;

/// <summary>The value of a measurement that is not declared.</summary>
internal static class DiscoveredValue
{
    /// <param name="reader">At the value of a member.</param>
    /// <param name="value">The number, 0 or 1 for a boolean, NaN for null.</param>
    /// <returns>Whether the member may be a measurement by its value. Any other member is skipped.</returns>
    public static bool TryRead(in Utf8JsonReader reader, out double value)
    {
        value = double.NaN;
        switch (reader.TokenType)
        {
            case JsonTokenType.Null:
                return true;
            case JsonTokenType.True or JsonTokenType.False:
                value = reader.TokenType == JsonTokenType.True ? 1 : 0;
                return true;
            case JsonTokenType.Number:
                return reader.TryGetDouble(out value) && Math.Abs(value) <= DiscoveryRules.MaxValue;
            default:
                return false;
        }
    }
}
