using System.Buffers;

namespace GrainSensors.Sources.Formats;

/// <summary>JSON that a format makes of its messages. The buffer is used again for the next message.</summary>
internal sealed class JsonBuffer : IBufferWriter<byte>
{
    /// <summary>A buffer that one message made larger is given back.</summary>
    private const int MaxKept = 4 * 1024 * 1024;

    /// <summary>The most bytes that a message may become. A format can make much more of a message than its own size.</summary>
    public const int MaxJson = 4 * 1024 * 1024;

    /// <summary>A writer asks for somewhat more than it needs.</summary>
    private const int MaxLength = MaxJson + (1024 * 1024);

    private byte[] _bytes = new byte[4096];

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);

    public int Length { get; private set; }

    public void Clear()
    {
        Length = 0;
        if (_bytes.Length > MaxKept)
        {
            _bytes = new byte[MaxKept];
        }
    }

    /// <summary>Drops what was written after this length.</summary>
    public void Cut(int length) => Length = length;

    public void Advance(int count) => Length += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _bytes.AsMemory(Length);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _bytes.AsSpan(Length);
    }

    private void Reserve(int sizeHint)
    {
        var needed = Length + Math.Max(sizeHint, 1);
        if (needed > _bytes.Length)
        {
            if (needed > MaxLength)
            {
                throw new JsonTooLargeException();
            }

            Array.Resize(ref _bytes, Math.Max(needed, Math.Min(_bytes.Length * 2, MaxLength)));
        }
    }
}
