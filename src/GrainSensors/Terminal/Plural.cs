using System.Globalization;

namespace GrainSensors.Terminal;

/// <summary>Formats counts: <c>1 window</c>, <c>2,000 windows</c>.</summary>
internal static class Plural
{
    public static string Of(long count, string noun) => $"{Number(count)} {noun}{(count == 1 ? "" : "s")}";

    public static string Of(long count, string one, string many) => $"{Number(count)} {(count == 1 ? one : many)}";

    public static string Number(long count) => count.ToString("N0", CultureInfo.InvariantCulture);
}
