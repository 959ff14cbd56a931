using System.Text;

namespace GrainSensors.Csv;

/// <summary>Decodes bytes that are not UTF-8 as Windows-1252, in which spreadsheets of Western Europe save.</summary>
/// <remarks>
/// The decision is made for each byte, so that a pipe can be decoded while it is read. Words in Windows-1252 are hardly ever valid
/// UTF-8.
/// </remarks>
internal sealed class Windows1252Fallback : DecoderFallback
{
    private static readonly string Characters =
        CodePagesEncodingProvider.Instance.GetEncoding(1252)!.GetString([.. Enumerable.Range(0, 256).Select(b => (byte)b)]);

    /// <summary>The longest start of a character that UTF-8 leaves unfinished.</summary>
    public override int MaxCharCount => 3;

    public bool IsUsed { get; private set; }

    public override DecoderFallbackBuffer CreateFallbackBuffer() => new Buffer(this);

    private sealed class Buffer(Windows1252Fallback owner) : DecoderFallbackBuffer
    {
        private byte[] _bytes = [];
        private int _next;

        public override int Remaining => _bytes.Length - _next;

        public override bool Fallback(byte[] bytesUnknown, int index)
        {
            owner.IsUsed = true;
            (_bytes, _next) = (bytesUnknown, 0);
            return true;
        }

        public override char GetNextChar() => Remaining > 0 ? Characters[_bytes[_next++]] : '\0';

        public override bool MovePrevious()
        {
            if (_next == 0)
            {
                return false;
            }

            _next--;
            return true;
        }

        public override void Reset() => (_bytes, _next) = ([], 0);
    }
}
