using System.Text;
using GrainSensors.Hosting.Configuration;

namespace GrainSensors.Csv;

/// <summary>The decoded text of a file, of a pipe or of standard input. Gzip and the encoding are found by the first bytes.</summary>
internal sealed class CsvSource : IDisposable
{
    private const string StandardInput = "-";
    private const string StandardInputName = "standard input";

    private readonly Stream _file;
    private readonly long _length;
    private readonly Stream _stream;
    private readonly byte[] _bytes = new byte[1 << 16];
    private readonly Decoder _decoder;
    private readonly string _encoding;
    private readonly Windows1252Fallback _fallback = new();
    private int _start;
    private static readonly UTF32Encoding BigEndianUtf32 = new(bigEndian: true, byteOrderMark: true);
    private int _end;
    private bool _isAtEnd;

    /// <param name="encoding">For text without a byte order mark; null: UTF-8, with other bytes as Windows-1252, or UTF-16.</param>
    /// <exception cref="UsageException">The file cannot be read.</exception>
    public CsvSource(string path, Encoding? encoding)
        : this(NameOf(path), Open(path), encoding)
    {
    }

    /// <param name="name">What the text is called in messages.</param>
    /// <inheritdoc cref="CsvSource(string, Encoding?)"/>
    public CsvSource(string name, Stream file, Encoding? encoding = null)
    {
        (Name, _file) = (name, file);
        try
        {
            _length = _file.CanSeek ? _file.Length : 0;
            _stream = Unpacked(_file);
            _end = _stream.ReadAtLeast(_bytes, 4, throwOnEndOfStream: false);
        }
        catch (Exception e) when (IsUnreadable(e))
        {
            throw Unreadable(Name, e);
        }

        var (found, mark) = ByBytes(_bytes.AsSpan(0, _end), encoding);
        (_decoder, _encoding) = (found.GetDecoder(), found.WebName);
        _start = mark;
    }

    /// <summary>The path, or what standard input is called in messages.</summary>
    public string Name { get; }

    /// <summary>Whether bytes that are not UTF-8 were read as Windows-1252.</summary>
    public bool HasWindows1252 => _fallback.IsUsed;

    /// <summary>Share of the file that has been read, 0 to 1; null: the size is unknown.</summary>
    public double? Progress => _length == 0 ? null : Math.Min(1, (double)_file.Position / _length);

    /// <param name="text">At least some characters long, so that every character of the source fits.</param>
    /// <returns>The number of characters; 0 at the end.</returns>
    /// <exception cref="UsageException">The file cannot be read further.</exception>
    public int Read(Span<char> text)
    {
        try
        {
            while (true)
            {
                _decoder.Convert(_bytes.AsSpan(_start.._end), text, _isAtEnd, out var used, out var written, out var isDone);
                _start += used;
                if (written > 0 || (_isAtEnd && isDone))
                {
                    return written;
                }

                (_start, _end) = (0, _stream.Read(_bytes));
                _isAtEnd = _end == 0;
            }
        }
        catch (DecoderFallbackException e)
        {
            throw new UsageException($"{Name} has bytes that are not {_encoding}; give another --encoding.", e);
        }
        catch (Exception e) when (IsUnreadable(e))
        {
            throw Unreadable(Name, e);
        }
    }

    public void Dispose()
    {
        _stream.Dispose();
        _file.Dispose();
    }

    private static Stream Open(string path)
    {
        try
        {
            return path == StandardInput
                ? Console.OpenStandardInput()
                : new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, 1, FileOptions.SequentialScan);
        }
        catch (Exception e) when (IsUnreadable(e))
        {
            throw Unreadable(path, e);
        }
    }

    private Stream Unpacked(Stream file)
    {
        var first = new byte[4];
        var length = file.ReadAtLeast(first, first.Length, throwOnEndOfStream: false);
        var start = first.AsSpan(0, length);
        if (start.StartsWith("PK\x3\x4"u8))
        {
            throw new UsageException($"{Name} is a ZIP archive or an Excel workbook; save it as CSV.");
        }

        var whole = new ChainedStream(new MemoryStream(first, 0, length), file);
        return start.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B]) ? new CompleteGzip(whole) : whole;
    }

    /// <returns>The encoding, and the length of the byte order mark.</returns>
    private (Encoding Encoding, int Mark) ByBytes(ReadOnlySpan<byte> first, Encoding? encoding) =>
        first.StartsWith(Encoding.UTF8.Preamble) ? (Utf8(), Encoding.UTF8.Preamble.Length)
        : first.StartsWith(Encoding.UTF32.Preamble) ? (Encoding.UTF32, Encoding.UTF32.Preamble.Length)
        : first.StartsWith(BigEndianUtf32.Preamble) ? (BigEndianUtf32, BigEndianUtf32.Preamble.Length)
        : first.StartsWith(Encoding.Unicode.Preamble) ? (Encoding.Unicode, Encoding.Unicode.Preamble.Length)
        : first.StartsWith(Encoding.BigEndianUnicode.Preamble) ? (Encoding.BigEndianUnicode, Encoding.BigEndianUnicode.Preamble.Length)
        : encoding is not null ? (encoding, 0)
        : first is [not 0, 0, ..] ? (Encoding.Unicode, 0)
        : first is [0, not 0, ..] ? (Encoding.BigEndianUnicode, 0)
        : (Utf8(), 0);

    private Encoding Utf8() => Encoding.GetEncoding("utf-8", EncoderFallback.ExceptionFallback, _fallback);

    /// <returns>The name of the source in sentences.</returns>
    public static string NameOf(string path) => path == StandardInput ? StandardInputName : path;

    private static bool IsUnreadable(Exception e) =>
        e is IOException or UnauthorizedAccessException or ArgumentException or InvalidDataException or NotSupportedException;

    private static UsageException Unreadable(string name, Exception e) =>
        new(Directory.Exists(name) ? $"{name} is a folder; give a file." : $"Cannot read {name}: {e.Message}", e);
}
