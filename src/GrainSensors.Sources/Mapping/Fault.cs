using GrainSensors.Core.Text;
using GrainSensors.Sources.Results;

namespace GrainSensors.Sources.Mapping;

/// <summary>Why a reading is rejected.</summary>
/// <param name="Detail">A clause without a full stop, safe to print.</param>
internal readonly record struct Fault(SourceRejectReason Reason, string Detail)
{
    /// <summary>The length of a quoted value, in characters.</summary>
    private const int MaxQuote = 60;

    public static Fault None { get; } = new(SourceRejectReason.None, "");

    public bool IsNone => Reason == SourceRejectReason.None;

    public static string Quote(ReadOnlySpan<byte> utf8) => PrintableText.Preview(utf8, MaxQuote);
}
