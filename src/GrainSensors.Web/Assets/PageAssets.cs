using System.Collections.Frozen;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Net.Http.Headers;

namespace GrainSensors.Web.Assets;

/// <summary>
/// Style, script and icon of the pages, and Blazor's script, embedded in the executable. The address of each contains its hash, so that
/// a browser caches it until an upgrade changes it.
/// </summary>
internal static class PageAssets
{
    private const string Resources = "console/";
    private const string Prefix = "_console";

    private static readonly FrozenDictionary<string, string> ContentTypes = new Dictionary<string, string>
    {
        [".css"] = "text/css; charset=utf-8",
        [".js"] = "text/javascript; charset=utf-8",
        [".svg"] = "image/svg+xml",
    }.ToFrozenDictionary();

    private static readonly FrozenDictionary<string, Asset> All = Load();

    /// <returns>Relative to the first page.</returns>
    public static string Url(string name) => $"{Prefix}/{All[name].Hash}/{name}";

    public static string Text(string name) => Encoding.UTF8.GetString(All[name].Plain);

    public static void MapPageAssets(this IEndpointRouteBuilder routes) =>
        routes.MapGet($"/{Prefix}/{{hash}}/{{name}}", ServeAsync).ExcludeFromDescription();

    private static async Task ServeAsync(HttpContext context, string hash, string name)
    {
        if (!All.TryGetValue(name, out var asset) || asset.Hash != hash)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        var accepts = context.Request.GetTypedHeaders().AcceptEncoding.Any(encoding => encoding.Value == "br" && encoding.Quality is not 0);
        var headers = context.Response.Headers;
        headers.ContentType = ContentTypes[Path.GetExtension(name)];
        headers.CacheControl = "public, max-age=31536000, immutable";
        headers.Vary = HeaderNames.AcceptEncoding;
        if (accepts)
        {
            headers.ContentEncoding = "br";
        }

        await context.Response.Body.WriteAsync(accepts ? asset.Compressed : asset.Plain, context.RequestAborted);
    }

    private static FrozenDictionary<string, Asset> Load()
    {
        var assembly = typeof(PageAssets).Assembly;
        return assembly.GetManifestResourceNames()
            .Where(resource => resource.StartsWith(Resources, StringComparison.Ordinal))
            .ToFrozenDictionary(resource => resource[Resources.Length..], resource =>
            {
                using var stream = assembly.GetManifestResourceStream(resource)!;
                using var bytes = new MemoryStream();
                stream.CopyTo(bytes);
                return new Asset(bytes.ToArray());
            });
    }

    private sealed class Asset(byte[] plain)
    {
        private readonly Lazy<byte[]> _compressed = new(() => Compress(plain));

        public byte[] Plain => plain;

        public byte[] Compressed => _compressed.Value;

        public string Hash { get; } = Convert.ToHexStringLower(SHA256.HashData(plain).AsSpan(0, 8));

        private static byte[] Compress(byte[] plain)
        {
            using var compressed = new MemoryStream();
            using (var brotli = new BrotliStream(compressed, CompressionLevel.SmallestSize, leaveOpen: true))
            {
                brotli.Write(plain);
            }

            return compressed.ToArray();
        }
    }
}
