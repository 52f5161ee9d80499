import '../operate/operate.css';
import './channels.css';
import { showPage } from '../shared/page.tsx';
import { ChannelPage } from './channel-page.tsx';
import { ListPage } from './list-page.tsx';

const channel = new URLSearchParams(location.search).get('channel') ?? '';

if (channel !== '') document.title = `${channel} · Tidewire`;
showPage('channels', channel === '' ? <ListPage /> : <ChannelPage channel={channel} />);
