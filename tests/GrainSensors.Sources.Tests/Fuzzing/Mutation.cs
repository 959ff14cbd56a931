using System.Text;

namespace GrainSensors.Sources.Tests.Fuzzing;

/// <summary>Changes a payload at random.</summary>
internal static class Mutation
{
    /// <summary>Pieces that change the meaning more often than random bytes do.</summary>
    private static readonly byte[][] Pieces = [.. new[]
    {
        "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u", "\\ud800", "\\u0000", "\\u001b", "null", "true", "-", ".", "e", "E+", "1e999", "0",
        "9999999999999999999", " ", "\n", "\0", "\u009b", "\uFEFF", "°", "NaN", "Infinity", "-Infinity", "=", "i", "#", "*", "/", "~",
        "[[[[[[[[",
    }.Select(Encoding.UTF8.GetBytes).Concat(
    [
        // CBOR: NaN and infinity in half, single and double precision, indefinite lengths, a huge length, tags.
        [0xf9, 0x7e, 0x00], [0xf9, 0x7c, 0x00], [0xfa, 0x7f, 0x80, 0, 0], [0xfb, 0xff, 0xf0, 0, 0, 0, 0, 0, 0], [0x9f], [0xbf], [0xff],
        [0x9b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], [0x7b, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff], [0xc2, 0x41, 0x01],
        [0xd9, 0xd9, 0xf7],
    ])];

    public static byte[] Of(byte[] seed, Random random)
    {
        var bytes = new List<byte>(seed);
        for (var mutations = random.Next(1, 5); mutations > 0 && bytes.Count > 0; mutations--)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(7))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 2:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
                case 3:
                    bytes.RemoveRange(at, Math.Min(random.Next(1, 12), bytes.Count - at));
                    break;
                case 4:
                    bytes.InsertRange(at, bytes.GetRange(at, Math.Min(random.Next(1, 60), bytes.Count - at)));
                    break;
                default:
                    bytes.InsertRange(at, Pieces[random.Next(Pieces.Length)]);
                    break;
            }
        }

        return [.. bytes];
    }
}
