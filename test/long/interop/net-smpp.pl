#!/usr/bin/perl
# A client made of Net::SMPP: binds, sends three messages, one of them in two parts, takes what comes until it has seen a
# receipt for each part and a message from a handset, asks for a sign of life and leaves. Says what it sees, a line each.
use strict;
use warnings;
use Net::SMPP;

my ($port, $handset) = @ARGV;
my $TIMEOUT_S = 60;
$| = 1;
alarm $TIMEOUT_S;

# Asynchronous: its synchronous calls throw away what comes before the answer they wait for.
my $smpp = Net::SMPP->new_connect('127.0.0.1', port => $port, async => 1) or die "no connection: $!\n";
$smpp->bind_transceiver(system_id => 'perl', password => 'secret') or die "no bind\n";

my @parts = (
    { short_message => 'from perl' },
    { short_message => pack('C6', 5, 0, 3, 77, 2, 1) . 'first half, ', esm_class => 0x40 },
    { short_message => pack('C6', 5, 0, 3, 77, 2, 2) . 'second half', esm_class => 0x40 },
    { short_message => pack('n*', map { ord } split //, "\x{41f}\x{435}\x{440}\x{43b}"), data_coding => 8 },
);
my ($receipts, $messages) = (0, 0);

while (my $pdu = $smpp->read_pdu()) {
    my $command = $pdu->{cmd};
    die sprintf("status %#x to command %#x\n", $pdu->{status}, $command) if $pdu->{status} != 0;
    if ($command == Net::SMPP::CMD_bind_transceiver_resp) {
        print "bound $pdu->{system_id}\n";
        for my $part (@parts) {
            $smpp->submit_sm(
                source_addr_ton => 5, source_addr_npi => 0, source_addr => 'perl',
                dest_addr_ton => 1, dest_addr_npi => 1, destination_addr => $handset,
                registered_delivery => 1, %$part,
            ) or die "no submit_sm\n";
        }
    } elsif ($command == Net::SMPP::CMD_submit_sm_resp) {
        print "taken $pdu->{message_id}\n";
    } elsif ($command == Net::SMPP::CMD_deliver_sm) {
        $smpp->deliver_sm_resp(message_id => '', seq => $pdu->{seq}) or die "no deliver_sm_resp\n";
        if ($pdu->{esm_class} & 0x04) {
            $pdu->{short_message} =~ /^id:(\S+) .*stat:(\S+)/ or die "odd receipt: $pdu->{short_message}\n";
            print "receipt $1 $2\n";
            $receipts++;
        } else {
            print "message $pdu->{source_addr} $pdu->{short_message}\n";
            $messages++;
        }
        $smpp->enquire_link() or die "no enquire_link\n" if $receipts == @parts && $messages == 1;
    } elsif ($command == Net::SMPP::CMD_enquire_link) {
        $smpp->enquire_link_resp(seq => $pdu->{seq}) or die "no enquire_link_resp\n";
    } elsif ($command == Net::SMPP::CMD_enquire_link_resp) {
        print "alive\n";
        $smpp->unbind() or die "no unbind\n";
    } elsif ($command == Net::SMPP::CMD_unbind_resp) {
        print "unbound\n";
        exit 0;
    } else {
        die sprintf("unexpected command %#x\n", $command);
    }
}
die "the connection ended\n";
