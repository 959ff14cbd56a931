using System.Text;

namespace GrainSensors.Sources.Mapping;

/// <summary>Reads numbers and switches that are text because their format has no types.</summary>
internal static class CellText
{
    /// <param name="value">1 for <c>true</c> and <c>on</c>, 0 for <c>false</c> and <c>off</c>.</param>
    public static bool TryRead(ReadOnlySpan<byte> text, out double value)
    {
        var isOn = Ascii.EqualsIgnoreCase(text, "true"u8) || Ascii.EqualsIgnoreCase(text, "on"u8);
        var isOff = Ascii.EqualsIgnoreCase(text, "false"u8) || Ascii.EqualsIgnoreCase(text, "off"u8);
        value = isOn ? 1 : 0;
        return isOn || isOff || (NumberText.IsJson(text) && NumberText.TryRead(text, out value));
    }
}
