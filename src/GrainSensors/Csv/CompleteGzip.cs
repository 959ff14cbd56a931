using System.IO.Compression;
using System.Security.Cryptography;

namespace GrainSensors.Csv;

/// <summary>The unpacked bytes of a gzip file, with an error if the file ends early.</summary>
/// <remarks>
/// .NET takes a gzip file that was cut off for a complete one. So a last member of known content is added to the packed bytes; it
/// comes out at the end only if everything before it was complete. The last unpacked bytes are held back until then, because the
/// packed bytes of the added member come out as noise behind an unfinished one.
/// </remarks>
internal sealed class CompleteGzip : SourceStream
{
    private const string Damaged = "the gzip data are damaged, end early, or are followed by other bytes.";

    /// <summary>More than the noise can be.</summary>
    private const int HeldBack = 1 << 16;

    private readonly byte[] _end = RandomNumberGenerator.GetBytes(16);
    private readonly byte[] _held = new byte[2 * HeldBack];
    private readonly GZipStream _unpacked;
    private int _count;
    private bool _isComplete;

    /// <param name="packed">The gzip file.</param>
    public CompleteGzip(Stream packed) =>
        _unpacked = new(new ChainedStream(packed, new MemoryStream(Pack(_end))), CompressionMode.Decompress);

    /// <exception cref="InvalidDataException">The file ends early, or is damaged.</exception>
    public override int Read(Span<byte> buffer)
    {
        while (!_isComplete && _count < _held.Length)
        {
            var read = Unpack(_held.AsSpan(_count));
            _count += read;
            if (read == 0)
            {
                if (!_held.AsSpan(0, _count).EndsWith(_end))
                {
                    throw new InvalidDataException(Damaged);
                }

                (_count, _isComplete) = (_count - _end.Length, true);
            }
        }

        var length = Math.Min(buffer.Length, _isComplete ? _count : _count - HeldBack);
        _held.AsSpan(0, length).CopyTo(buffer);
        _held.AsSpan(length, _count - length).CopyTo(_held);
        _count -= length;
        return length;
    }

    protected override void Dispose(bool disposing)
    {
        _unpacked.Dispose();
        base.Dispose(disposing);
    }

    private int Unpack(Span<byte> buffer)
    {
        try
        {
            return _unpacked.Read(buffer);
        }
        catch (InvalidDataException e)
        {
            // .NET names what it found in the bytes, such as an unsupported method of compression.
            throw new InvalidDataException(Damaged, e);
        }
    }

    private static byte[] Pack(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
        {
            gzip.Write(bytes);
        }

        return packed.ToArray();
    }
}
