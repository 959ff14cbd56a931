using System.Buffers;
using GrainSensors.Hosting.Configuration;
using Microsoft.AspNetCore.Http;

namespace GrainSensors.Web.Api;

/// <summary>Reads whole request bodies into memory, of which all requests together use a limited amount.</summary>
/// <remarks>A body counts with the memory that it occupies, so a client that only announces a large body takes nothing.</remarks>
internal sealed class RequestBodies(AccessRules rules)
{
    private const int FirstBytes = 16 * 1024;

    /// <summary>The seconds after which other requests may have ended.</summary>
    private const int RetryAfter = 1;

    private long _used;

    /// <returns>The body; its memory is given back when it is disposed.</returns>
    /// <exception cref="ApiException">The requests of the silo use all memory for bodies, or the encoding is unknown.</exception>
    /// <exception cref="BadHttpRequestException">The body is too large, too slow or cut off.</exception>
    public async Task<Body> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        // Decompression removes the header of the encodings that it knows.
        if (request.Headers.ContentEncoding.ToString() is { Length: > 0 } encoding and not "identity")
        {
            request.HttpContext.Response.Headers.AcceptEncoding = "gzip, br, deflate";
            throw new ApiException(
                StatusCodes.Status415UnsupportedMediaType,
                $"Content-Encoding must be gzip, br or deflate; got \"{ApiQuery.Quote(encoding)}\".");
        }

        var body = new Body(this);
        try
        {
            while (await request.Body.ReadAsync(body.Free(), cancellationToken) is var count and > 0)
            {
                body.Length += count;
            }

            return body;
        }
        catch (InvalidDataException)
        {
            body.Dispose();
            throw ApiQuery.Bad("The body cannot be decompressed; check Content-Encoding.");
        }
        catch
        {
            body.Dispose();
            throw;
        }
    }

    private byte[] Rent(int bytes)
    {
        var rented = ArrayPool<byte>.Shared.Rent(bytes);
        if (Interlocked.Add(ref _used, rented.Length) <= rules.Limits.MaxBufferedBytes)
        {
            return rented;
        }

        Return(rented);
        throw new ApiException(
            StatusCodes.Status429TooManyRequests,
            "The silo reads too many large requests at once. No reading was stored; repeat the request later.")
        {
            RetryAfter = RetryAfter,
        };
    }

    private void Return(byte[] rented)
    {
        Interlocked.Add(ref _used, -rented.Length);
        ArrayPool<byte>.Shared.Return(rented);
    }

    /// <summary>A body in rented memory.</summary>
    public sealed class Body(RequestBodies owner) : IDisposable
    {
        private byte[] _bytes = [];

        public int Length { get; set; }

        public ReadOnlyMemory<byte> Bytes => _bytes.AsMemory(0, Length);

        /// <returns>Memory for more of the body, never empty.</returns>
        public Memory<byte> Free()
        {
            if (Length == _bytes.Length)
            {
                var larger = owner.Rent(Math.Max(FirstBytes, Length * 2));
                Bytes.CopyTo(larger);
                Dispose();
                _bytes = larger;
            }

            return _bytes.AsMemory(Length);
        }

        public void Dispose()
        {
            if (_bytes.Length > 0)
            {
                owner.Return(_bytes);
                _bytes = [];
            }
        }
    }
}
